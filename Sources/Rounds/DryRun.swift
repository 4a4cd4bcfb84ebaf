import Foundation
import GANRM
import Media

/// What rounds would do: their commands with the placeholders filled, and what they would miss.
public struct DryRun {
    private let configuration: RoundsConfiguration
    private let prompts: [String]?

    public init(_ configuration: RoundsConfiguration) {
        self.configuration = configuration
        prompts = (try? readText(configuration.prompts)).map(RoundsConfiguration.prompts)
    }

    /// For people and shells: a comment for each step, then its command.
    ///
    /// Of the rounds, the first two are shown, which differ in the checkpoint, and the last look.
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
        if let round = configuration.lastLook {
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

    /// - Throws: `RoundsError.missing` with a sentence for everything that is not there.
    public func check() throws(RoundsError) {
        var problems: [String] = []
        if prompts?.isEmpty ?? true {
            problems.append(
                "'\(configuration.prompts)' \(prompts == nil ? "cannot be read" : "holds no prompt")"
            )
        }
        problems += proxyProblems
        if let checkpoint = configuration.checkpoint, !Self.exists(checkpoint) {
            problems.append("the checkpoint '\(checkpoint)' is not there")
        }
        if !Self.exists(configuration.workingFolder) {
            problems.append("the working folder '\(configuration.workingFolder)' is not there")
        }
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
                } else if InputSource.path(request.input).scheme == nil,
                    !Self.exists(request.input)
                {
                    failures.append("the proxy sample '\(request.input)' is not there")
                }
            }
            return count == 0 ? ["there is no proxy data"] : Array(failures.prefix(5))
        } catch {
            return ["\(error)"]
        }
    }

    /// The program, and files among its arguments that no placeholder stands for: with a slash and
    /// an extension, as scripts and settings have.
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
            && !word.contains("://") && !(word as NSString).pathExtension.isEmpty
            && !Self.exists(place(word))
        {
            problems.append("\(kind.rawValue): the file '\(word)' is not there")
        }
        return problems
    }

    private func isProgram(_ name: String) -> Bool {
        if name.contains("/") { return access(place(name), X_OK) == 0 }
        let folders = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
        return folders.split(separator: ":").contains { access("\($0)/\(name)", X_OK) == 0 }
    }

    private func place(_ path: String) -> String {
        path.hasPrefix("/") ? path : "\(configuration.workingFolder)/\(path)"
    }

    private static func exists(_ path: String) -> Bool {
        FileManager.default.fileExists(atPath: path)
    }
}
