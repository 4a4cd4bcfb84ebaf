import ArgumentParser
import Encoders
import Store

/// Which store remembers embeddings.
struct StoreOptions: ParsableArguments {
    @Option(
        help: """
            The file that remembers embeddings, so that no input is encoded twice (default: \
            embeddings.sqlite beside the encoders).
            """)
    var store: String?

    @Flag(help: "Remember nothing and use nothing that is remembered.")
    var noStore = false

    func validate() throws {
        guard store == nil || !noStore else {
            throw ValidationError("--store and --no-store exclude each other")
        }
    }

    static var usualPath: String { ModelStore().home + "/embeddings.sqlite" }

    /// Opens the store; nil if there is to be none, or if the usual one cannot be used.
    ///
    /// - Throws: `StoreError` for a store that the user named.
    func open() throws -> EmbeddingStore? {
        if noStore { return nil }
        if let store { return try EmbeddingStore(path: store) }
        do {
            return try EmbeddingStore(path: Self.usualPath)
        } catch {
            Terminal.complain("ganrm: \(error)")
            return nil
        }
    }

    /// Says at the end of a run what was wrong with the store.
    static func report(_ store: EmbeddingStore?) {
        if let trouble = store?.trouble { Terminal.complain("ganrm: \(trouble)") }
    }
}
