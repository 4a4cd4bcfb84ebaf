import ArgumentParser
import GANRM
import Foundation
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
            Distance.self, Head.self, Models.self,
            RoundsCommand.self, StoreCommand.self, Merge.self, Report.self, StudyCommand.self,
            Verify.self, Bench.self,
        ]
    )

    /// Runs the command that the arguments name and exits with 0 (all fine), 1 (some inputs
    /// failed), 2 (usage), 3 (nothing could be done) or 130 (interrupted).
    static func main() {
        Terminal.occupyStandardStreams()
        // A reader that goes away is met where the write fails, not by a signal.
        signal(SIGPIPE, SIG_IGN)
        do {
            var command = try parseAsRoot(
                ConfigurationFile.expanded(Array(CommandLine.arguments.dropFirst())))
            try command.run()
            leave(with: nil)
        } catch is LineWriter.Closed {
            leave(with: nil)
        } catch let status as ExitStatus {
            leave(with: status)
        } catch {
            exit(reporting: error)
        }
    }

    /// Ends the process at once, without the libraries' own clean-up: a thread that still decodes would
    /// trip over it.
    private static func leave(with status: ExitStatus?) -> Never {
        fflush(nil)
        _exit(status?.rawValue ?? 0)
    }

    /// Usage errors print their usage and exit with 2, help and version exit with 0, all else with 3.
    private static func exit(reporting error: any Error) -> Never {
        switch exitCode(for: error) {
        case .success:
            print(Examples.added(to: fullMessage(for: error)))
            leave(with: nil)
        case .validationFailure:
            Terminal.complain(fullMessage(for: error))
            leave(with: .usage)
        default:
            Terminal.complain("ganrm: \(error)")
            leave(with: .nothingDone)
        }
    }
}

/// The contract with scripts that call the command.
enum ExitStatus: Int32, Error {
    case someInputsFailed = 1
    case usage = 2
    case nothingDone = 3
    case interrupted = 130
}
