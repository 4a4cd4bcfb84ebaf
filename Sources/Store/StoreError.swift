/// An error in using an embedding store.
public enum StoreError: Error, Equatable {
    case unusable(path: String, reason: String)
    /// The store was written by a newer version of `ganrm`.
    case tooNew(path: String, version: Int)
    /// The file to import is not an export of a store.
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
