import ArgumentParser
import Encoders
import Files
import Foundation
import Frames
import Pipeline
import Store
import TextFormats

struct StoreCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "store",
        abstract: "Manage the cache of embeddings.",
        discussion: """
            Files are identified by their content and by everything that their embeddings depend on: \
            encoder, preprocessing, blocks, precision, sampling and the versions of FFmpeg's \
            libraries. The store is a cache: it may be deleted at any time.
            """,
        subcommands: [
            Info.self, Verify.self, Prune.self, Export.self, Import.self,
        ])

    /// The option that selects a subcommand's store.
    struct StoreLocation: ParsableArguments {
        @Option(
            help: "The store (default: embeddings.sqlite beside the encoders).", completion: .store)
        var store: String?

        func open() throws -> EmbeddingStore {
            try EmbeddingStore(path: store ?? StoreOptions.defaultPath)
        }
    }

    struct Info: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show what is in the store.")

        @OptionGroup var location: StoreLocation

        func run() throws {
            let store = try location.open()
            defer { StoreOptions.report(store) }
            let writer = LineWriter()
            try writer.write(text: "\(store.path)  \(Bytes.describe(store.byteCountOnDisk))")
            for contents in try store.contents() {
                let recipe = contents.recipe
                let taps =
                    recipe.encoder.taps.map(String.init).joined(separator: ",")
                    + (recipe.encoder.motion.map { ", motion from \($0.block)" } ?? "")
                try writer.write(
                    text: "\(recipe.encoder.label)  "
                        + "blocks \(taps)  \(recipe.precision.rawValue)  "
                        + "\(recipe.sampling.summary)  inputs \(contents.inputCount)  "
                        + "clips \(contents.clipCount)  \(Bytes.describe(contents.byteCount))  "
                        + "idle \(contents.idleDays) days")
            }
        }
    }

    struct Verify: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Check the whole store and remove what is damaged.")

        @OptionGroup var location: StoreLocation

        func run() throws {
            let store = try location.open()
            let found = try store.verify()
            StoreOptions.report(store)
            try LineWriter().write(
                text: "\(found.sound) inputs are sound, \(found.removed) were removed")
            if found.removed > 0 || store.lastProblem != nil { throw ExitStatus.someInputsFailed }
        }
    }

    struct Prune: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Remove embeddings and free their disk space.")

        @OptionGroup var location: StoreLocation

        @Option(help: "Remove what was not used for this many days.")
        var idleDays: Int?

        @Option(help: "Remove the embeddings of this encoder.", completion: .encoders)
        var encoder: String?

        func validate() throws {
            guard idleDays != nil || encoder != nil else {
                throw ValidationError("say what to remove: --idle-days N, --encoder NAME or both")
            }
            try OptionRange.check("--idle-days", idleDays, PruneRule.idleDayCounts)
        }

        func run() throws {
            let store = try location.open()
            let count = try store.prune(PruneRule(idleDays: idleDays, encoder: encoder))
            try LineWriter().write(
                text:
                    "\(count) inputs were removed, \(Bytes.describe(store.byteCountOnDisk)) are left"
            )
        }
    }

    struct Export: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write the store to a safetensors file.")

        @OptionGroup var location: StoreLocation

        @Option(name: .shortAndLong, help: "The file to write.", completion: .rewardModels)
        var output: String

        func run() throws {
            let signals = SignalHandling(leavingWith: "interrupted; nothing is written")
            defer { withExtendedLifetime(signals) {} }
            let lock = try OutputLock(output: output)
            defer { withExtendedLifetime(lock) {} }
            let store = try location.open()
            let (count, damaged) = try store.export(to: output)
            StoreOptions.report(store)
            try LineWriter().write(text: "\(count) inputs were written to \(output)")
            if damaged > 0 { throw ExitStatus.someInputsFailed }
        }
    }

    struct Import: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Add the embeddings that another store exported.")

        @OptionGroup var location: StoreLocation

        @Argument(help: "The file to import.", completion: .rewardModels)
        var file: String

        func run() throws {
            let store = try location.open()
            let count = try store.importInputs(from: file)
            StoreOptions.report(store)
            try LineWriter().write(text: "\(count) inputs were new")
        }
    }
}

extension Sampling {
    /// A short description: `uniform 8`, `window 8 stride 2 hop 16`.
    fileprivate var summary: String {
        switch self {
        case .uniform(let uniform):
            return "uniform \(uniform.frameCount)"
                + (uniform.burst > 1 ? " burst \(uniform.burst)" : "")
        case .window(let window):
            let step =
                switch window.step {
                case .stride(let stride): "stride \(stride)"
                case .clipRate(let rate): "rate \(rate)"
                }
            return "window \(window.frameCount) \(step)" + (window.hop.map { " hop \($0)" } ?? "")
        }
    }
}

extension StoreCommand.Export: WritesOutput {
    var outputFile: String? { output }

    var readFiles: ReadFiles {
        ReadFiles(files: [location.store ?? StoreOptions.defaultPath])
    }
}
