import ArgumentParser
import ModelCatalogue
import Store

/// Options that select the embedding store.
struct StoreOptions: ParsableArguments {
    @Option(
        help: """
            File that caches embeddings, so that no input is encoded twice (default: \
            embeddings.sqlite beside the encoders).
            """, completion: .store)
    var store: String?

    @Flag(help: "Neither read nor write cached embeddings.")
    var noStore = false

    func validate() throws {
        guard store == nil || !noStore else {
            throw ValidationError("--store and --no-store exclude each other")
        }
    }

    /// How an interrupted command goes on by the store; nil without one.
    var remedy: String? {
        noStore ? nil : "the same command takes what was encoded from the store"
    }

    /// Reports that nothing is written after an interruption, and returns the exit status to throw.
    func interrupted() -> ExitStatus {
        Terminal.clearStatus()
        Terminal.printMessage(
            "ganrm: interrupted; nothing is written" + (remedy.map { "; \($0)" } ?? ""))
        return .interrupted
    }

    /// Runs a call that encodes inputs, and reports an interruption.
    func reportingInterruption<Result>(_ body: () throws -> Result) throws -> Result {
        do { return try body() } catch is CancellationError { throw interrupted() }
    }

    static var defaultPath: String { ModelCache().home + "/embeddings.sqlite" }

    /// Opens the store; nil with `--no-store`, or if the default store cannot be opened.
    ///
    /// - Throws: `StoreError` if the store given by `--store` cannot be opened.
    func open() throws -> EmbeddingStore? {
        if noStore { return nil }
        if let store { return try EmbeddingStore(path: store) }
        do {
            return try EmbeddingStore(path: Self.defaultPath)
        } catch {
            Terminal.printMessage("ganrm: \(error)")
            return nil
        }
    }

    /// Prints the store's error, if any, at the end of a run.
    static func report(_ store: EmbeddingStore?) {
        if let lastProblem = store?.lastProblem { Terminal.printMessage("ganrm: \(lastProblem)") }
    }
}

extension StoreOptions {
    var readFiles: ReadFiles { ReadFiles(files: noStore ? [] : [store ?? Self.defaultPath]) }
}
