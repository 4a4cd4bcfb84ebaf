import Files
import Foundation
import Media
import Pipeline

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
        var problems: [String] = []
        if prompts?.isEmpty ?? true {
            problems.append(
                "'\(configuration.prompts)' \(prompts == nil ? "cannot be read" : "holds no prompt")"
            )
        }
        problems += proxyProblems
        if let path = configuration.checkpoint {
            problems += Self.absence(of: path, "the checkpoint '\(path)'")
        }
        let folder = configuration.workingFolder
        problems += Self.absence(of: folder, "the working folder '\(folder)'")
        for (kind, step) in [(RoundStep.generate, configuration.generate)]
            + (configuration.train.map { [(.train, $0)] } ?? [])
        {
            problems += self.problems(of: step, kind)
        }
        guard problems.isEmpty else { throw .missing(problems) }
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
                        of: request.input, "the proxy sample '\(request.input)'")
                }
            }
            return count == 0 ? ["there is no proxy data"] : Array(failures.prefix(5))
        } catch {
            return ["\(error)"]
        }
    }

    /// Checks the program, and arguments without placeholders that look like file paths: with a slash
    /// and an extension, as scripts and settings have.
    private func problems(of step: CommandStep, _ kind: RoundStep) -> [String] {
        guard case .arguments(let words) = step.command else { return [] }
        var problems: [String] = []
        if let program = words.first, step.command.names.known.isEmpty || !program.contains("{"),
            !isProgram(program)
        {
            problems.append("\(kind.rawValue): there is no program '\(program)'")
        }
        for word in words.dropFirst()
        where word.contains("/") && !word.contains("{") && !word.hasPrefix("-")
            && !word.contains("://") && !PathName.split(PathName.last(of: word)).extension.isEmpty
        {
            problems += Self.absence(of: absolutePath(word), "the file '\(word)'")
                .map { "\(kind.rawValue): \($0)" }
        }
        return problems
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
