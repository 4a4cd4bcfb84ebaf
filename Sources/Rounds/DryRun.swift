import Files
import Foundation
import Media
import Metrics
import Pipeline
import Scoring

/// A preview of a run: its commands with placeholders replaced, and a check for missing files.
public struct DryRun {
    private let configuration: RoundsConfiguration
    private let prompts: [String]?

    public init(_ configuration: RoundsConfiguration) {
        self.configuration = configuration
        prompts = (try? readText(configuration.prompts)).map(RoundsConfiguration.prompts)
    }

    /// Shell lines: a comment for each step, followed by its command.
    ///
    /// Shows the first two rounds, which differ in their checkpoint, and the final evaluation.
    public var lines: [String] {
        let training = configuration.train
        var lines = [
            "# \(configuration.rounds) round\(configuration.rounds == 1 ? "" : "s") of "
                + "\(prompts?.count ?? 0) prompts, \(configuration.candidates) candidates each, "
                + "in \(configuration.state)",
            "cd \(CommandTemplate.line([configuration.workingFolder]))",
        ]
        for round in 0..<configuration.rounds {
            if round >= 2 {
                if round == 2 { lines.append("# … and so on") }
                continue
            }
            add(configuration.generate, .generate, round, to: &lines)
            lines.append("# round \(round): encode, head, rank, export, evaluate")
            if let training { add(training, .train, round, to: &lines) }
        }
        if let round = configuration.finalEvaluationRound {
            add(configuration.generate, .generate, round, to: &lines)
            lines.append("# round \(round): encode, look")
        }
        return lines
    }

    private func add(
        _ step: CommandStep, _ kind: RoundStep, _ round: Int, to lines: inout [String]
    ) {
        let limit = step.timeout.map { ", at most \(Int(($0 / .seconds(1)).rounded())) s" } ?? ""
        lines.append("# \(RoundsRun.name(kind, of: round))\(limit)")
        lines.append(
            CommandTemplate.line(step.command.filled(configuration.values(round: round))))
    }

    /// Checks that the configured files and programs exist.
    ///
    /// - Throws: `RoundsError.missing` with one sentence per problem.
    public func check() throws(RoundsError) {
        try Self.check(
            promptProblems + proxyProblems + folderProblems + metricProblems
                + steps.flatMap { kind, step in
                    programProblems(of: step, kind) + fileProblems(of: step, kind)
                })
    }

    /// Checks what a run needs in any case, before it encodes the proxy data.
    ///
    /// Files that commands name are left out, since they may be outputs of others.
    ///
    /// - Throws: `RoundsError.missing` with one sentence per problem.
    func checkStart() throws(RoundsError) {
        var missing: [String] = []
        do { try RequestSource.check(side: configuration.proxy) } catch { missing = ["\(error)"] }
        try Self.check(
            promptProblems + missing + folderProblems + metricProblems
                + steps.flatMap { programProblems(of: $1, $0) })
    }

    private static func check(_ problems: [String]) throws(RoundsError) {
        guard problems.isEmpty else { throw .missing(problems) }
    }

    private var steps: [(RoundStep, CommandStep)] {
        [(.generate, configuration.generate)] + (configuration.train.map { [(.train, $0)] } ?? [])
    }

    private var promptProblems: [String] {
        guard prompts?.isEmpty ?? true else { return [] }
        return [
            "'\(configuration.prompts)' \(prompts == nil ? "cannot be read" : "holds no prompt")"
        ]
    }

    private var folderProblems: [String] {
        var problems: [String] = []
        if let checkpoint = configuration.checkpoint {
            problems += Self.absence(of: checkpoint, "the checkpoint '\(checkpoint)'")
        }
        let folder = configuration.workingFolder
        return problems + Self.absence(of: folder, "the working folder '\(folder)'")
    }

    private var proxyProblems: [String] {
        do {
            let requests = try RequestSource(side: configuration.proxy)
            var failures: [String] = []
            var count = 0
            while let request = requests.next() {
                count += 1
                if let failure = request.failure {
                    failures.append(failure)
                } else if InputSource.path(request.input).scheme == nil {
                    failures += Self.absence(
                        of: TarMember.file(of: request.input),
                        "the proxy sample '\(request.input)'")
                }
            }
            return count == 0 ? ["there is no proxy data"] : Array(failures.prefix(5))
        } catch {
            return ["\(error)"]
        }
    }

    /// Models that metrics need and that are not in the cache.
    private var metricProblems: [String] {
        var problems: [String] = []
        for metric in configuration.metrics {
            for model in metric.models {
                guard let absence = metric.absence(of: model, in: configuration.encoder.store)
                else { continue }
                let problem = "\(metric.name): \(absence)"
                if !problems.contains(problem) { problems.append(problem) }
            }
        }
        return problems
    }

    private func programProblems(of step: CommandStep, _ kind: RoundStep) -> [String] {
        guard case .arguments(let words) = step.command, let program = words.first,
            step.command.names.known.isEmpty || !program.contains("{"), !isProgram(program)
        else { return [] }
        return ["\(kind.rawValue): there is no program '\(program)'"]
    }

    /// Checks arguments without placeholders that look like file paths: with a slash and an extension,
    /// as scripts and settings have.
    private func fileProblems(of step: CommandStep, _ kind: RoundStep) -> [String] {
        guard case .arguments(let words) = step.command else { return [] }
        return words.dropFirst().filter { word in
            word.contains("/") && !word.contains("{") && !word.hasPrefix("-")
                && !word.contains("://")
                && !PathName.split(PathName.last(of: word)).extension.isEmpty
        }.flatMap { word in
            Self.absence(of: absolutePath(word), "the file '\(word)'")
                .map { "\(kind.rawValue): \($0)" }
        }
    }

    /// One sentence if a path names nothing or cannot be followed, else none.
    private static func absence(of path: String, _ name: String) -> [String] {
        do throws(FileError) {
            return try FileSystem.exists(path, failing: { $0 }) ? [] : ["\(name) is not there"]
        } catch {
            return [error.description]
        }
    }

    private func isProgram(_ name: String) -> Bool {
        if name.contains("/") { return access(absolutePath(name), X_OK) == 0 }
        let folders = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
        return folders.split(separator: ":").contains { access("\($0)/\(name)", X_OK) == 0 }
    }

    private func absolutePath(_ path: String) -> String {
        PathName.isAbsolute(path) ? path : PathName.join(configuration.workingFolder, path)
    }
}
