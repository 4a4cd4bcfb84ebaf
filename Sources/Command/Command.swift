import ArgumentParser
import Files
import Foundation
import Pipeline
import Rounds
import Scoring

@main
struct Command: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ganrm",
        abstract: "Score videos and images by how much they look like the good ones.",
        discussion: """
            A reward model without human labels (GAN-RM, arXiv 2506.13846): a frozen vision encoder \
            embeds a sample, a small trained head says how much it looks like the proxy data.
            """,
        version: ganrmVersion,
        subcommands: [
            Score.self, Segments.self, Rank.self, Select.self, Pairs.self, Encode.self, Train.self,
            Eval.self,
            Distance.self, MetricsCommand.self, Head.self, Models.self,
            RoundsCommand.self, StoreCommand.self, Merge.self, Report.self, StudyCommand.self,
            Serve.self, Verify.self, Bench.self,
        ]
    )

    /// Runs the command given by the arguments and exits with 0 (all fine), 1 (some inputs
    /// failed), 2 (usage), 3 (nothing could be done) or 130 (interrupted).
    static func main() {
        Terminal.openMissingStandardStreams()
        TruncatedFiles.report()
        // A closed pipe is reported by the failing write instead of a signal.
        signal(SIGPIPE, SIG_IGN)
        do {
            try ProcessLimits.prepare()
            try ArgumentBytes.check()
            var command = try parseAsRoot(
                ConfigurationFile.expanded(Array(CommandLine.arguments.dropFirst())))
            try (command as? any WritesOutput)?.checkOutput()
            try command.run()
            leave(with: nil)
        } catch is LineWriter.Closed {
            leave(with: nil)
        } catch is CancellationError {
            leave(with: .interrupted)
        } catch let status as ExitStatus {
            leave(with: status)
        } catch {
            exit(reporting: error)
        }
    }

    /// Ends the process immediately, without the libraries' clean-up, which could crash a thread that
    /// is still decoding.
    private static func leave(with status: ExitStatus?) -> Never {
        Terminal.clearStatus()
        fflush(nil)
        _exit(status?.rawValue ?? 0)
    }

    /// Prints an error: usage errors with their usage, exit code 2; help and version with code 0; all
    /// others with code 3.
    private static func exit(reporting error: any Error) -> Never {
        Terminal.clearStatus()
        let arguments = Array(CommandLine.arguments.dropFirst())
        switch exitCode(for: error) {
        case .success:
            if let message = UsageMessage.text(forHelpOn: arguments) {
                Terminal.printText(message)
                leave(with: .usage)
            }
            do {
                try LineWriter().write(HelpScreen.arranged(fullMessage(for: error)))
            } catch is LineWriter.Closed {
            } catch {
                Terminal.printMessage("ganrm: \(error)")
                leave(with: .nothingDone)
            }
            leave(with: nil)
        case .validationFailure:
            Terminal.printText(
                ConfigurationFile.located(
                    UsageMessage.text(fullMessage(for: error), arguments: arguments),
                    arguments: arguments))
            leave(with: .usage)
        default:
            let lines = (error as? RoundsError)?.lines ?? ["\(error)"]
            for (index, line) in lines.enumerated() {
                Terminal.printMessage(
                    (index == 0 ? "ganrm: " : "") + Documentation.located(line), isError: index == 0
                )
            }
            if let suggestion = UsageMessage.suggestion(forFileIn: arguments) {
                Terminal.printMessage("ganrm: \(suggestion)")
            }
            leave(with: .nothingDone)
        }
    }
}

/// Exit codes, which scripts rely on.
enum ExitStatus: Int32, Error {
    case someInputsFailed = 1
    case usage = 2
    case nothingDone = 3
    case interrupted = 130
}
