/// Why a store of embeddings cannot be used.
public enum StoreError: Error, Equatable {
    case unusable(path: String, reason: String)
    /// Written by a later version of this tool.
    case tooNew(path: String, version: Int)
    /// A file to import that no store has exported.
    case notAnExport(path: String, reason: String)
}

extension StoreError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .unusable(let path, let reason):
            "the store '\(path)' cannot be used: \(reason); name another by --store or use --no-store"
        case .tooNew(let path, let version):
            """
            the store '\(path)' has format \(version), which a newer ganrm wrote; name another by \
            --store or use --no-store
            """
        case .notAnExport(let path, let reason):
            "'\(path)' is no export of a store: \(reason)"
        }
    }
}
