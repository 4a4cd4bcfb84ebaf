import Files
import Foundation

/// The cache of pretrained weights: one folder per model. Nothing is written outside of it.
///
///     <home>/models/<name>/model.safetensors   the weights, as published or converted from ONNX
///     <home>/models/<name>/model.json          their origin, length and SHA-256
///     <home>/models/<name>/vocabulary.txt      the merges of the text side, if there is one
///
/// Files are written atomically. Weights in a container that can be mapped (safetensors and PyTorch
/// checkpoints) are stored as published, so that their SHA-256 is the publisher's. ONNX models are
/// converted to safetensors once.
public struct ModelCache: Sendable {
    /// The cache folder.
    public let home: String

    /// - Parameter home: The cache folder; nil selects `$GANRM_HOME`, else `$XDG_CACHE_HOME/ganrm`,
    ///   else `~/.cache/ganrm`.
    public init(home: String? = nil) {
        self.home = home ?? Self.defaultHome(ProcessInfo.processInfo.environment)
    }

    private static func defaultHome(_ environment: [String: String]) -> String {
        if let home = environment["GANRM_HOME"], !home.isEmpty { return home }
        // The XDG specification requires that relative paths are ignored.
        if let cache = environment["XDG_CACHE_HOME"], cache.hasPrefix("/") {
            return cache + "/ganrm"
        }
        // NSHomeDirectory reads the user database and ignores HOME.
        let home = environment["HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil }
        return (home ?? NSHomeDirectory()) + "/.cache/ganrm"
    }

    // MARK: Cached models

    /// A catalogue entry and its cached weights.
    public struct Status: Sendable {
        public let entry: CatalogueEntry
        /// Path of the cached weights; nil if they are not cached.
        public let path: String?
        /// Length of the cached weights, in bytes.
        public let byteCount: Int?
    }

    /// All models of the catalogue, in its order.
    public func list() -> [Status] {
        Catalogue.entries.map { entry in
            let path = try? path(of: entry)
            return Status(entry: entry, path: path, byteCount: path.flatMap(FileSystem.byteCount))
        }
    }

    /// The path of a model's cached weights. Only their length is checked, not their content.
    ///
    /// - Throws: `CatalogueError.unknownModel`, `notCached`, or `altered` if the length differs.
    public func path(of name: String) throws(CatalogueError) -> String {
        try path(of: try Catalogue.entry(named: name))
    }

    package func path(of entry: CatalogueEntry) throws(CatalogueError) -> String {
        let record = try record(of: entry)
        let path = folder(of: entry) + "/" + record.file
        guard let byteCount = FileSystem.byteCount(path) else { throw .notCached(name: entry.name) }
        guard byteCount == record.byteCount else {
            throw .altered(
                name: entry.name, path: path,
                reason: "\(byteCount) bytes instead of \(record.byteCount)")
        }
        return path
    }

    /// The path of the cached vocabulary of a model's text side.
    ///
    /// - Throws: `CatalogueError.unknownModel`, `.noText`, `.noVocabulary`.
    public func vocabularyPath(of name: String) throws(CatalogueError) -> String {
        let entry = try Catalogue.entry(named: name)
        guard entry.vocabulary != nil else { throw .noText(name: entry.name) }
        guard let path = cachedVocabulary(of: entry) else { throw .noVocabulary(name: entry.name) }
        return path
    }

    /// The path of a model's cached vocabulary; nil if it is not cached.
    package func cachedVocabulary(of entry: CatalogueEntry) -> String? {
        let path = vocabularyPath(of: entry)
        return FileSystem.byteCount(path) == nil ? nil : path
    }

    /// Result of verifying a model's weights.
    public struct WeightsCheck: Sendable, Equatable {
        public let path: String
        public let byteCount: Int
        public let sha256: String
        /// Origin of the weights, for display.
        public let origin: String
        /// Whether the weights are from the published file; nil if its SHA-256 is unknown.
        public let isPublished: Bool?
    }

    /// Computes the SHA-256 of a model's cached weights and compares it with the record.
    ///
    /// - Throws: `CatalogueError.notCached`, or `altered` if length or SHA-256 differs.
    public func verify(_ name: String) throws(CatalogueError) -> WeightsCheck {
        try verify(try Catalogue.entry(named: name))
    }

    package func verify(_ entry: CatalogueEntry) throws(CatalogueError) -> WeightsCheck {
        let path = try path(of: entry)
        let record = try record(of: entry)
        let found = try FileDigest.sha256(ofFile: path, failing: CatalogueError.file)
        guard found.sha256 == record.sha256 else {
            throw .altered(
                name: entry.name, path: path,
                reason: "SHA-256 \(found.sha256) instead of \(record.sha256)")
        }
        return WeightsCheck(
            path: path, byteCount: found.byteCount, sha256: found.sha256, origin: record.origin,
            isPublished: entry.publishedSHA256.map { record.originSHA256.hasPrefix($0) })
    }

    // MARK: Paths

    package func folder(of entry: CatalogueEntry) -> String { "\(home)/models/\(entry.name)" }

    package func vocabularyPath(of entry: CatalogueEntry) -> String {
        folder(of: entry) + "/vocabulary.txt"
    }

    package func recordPath(of entry: CatalogueEntry) -> String {
        folder(of: entry) + "/model.json"
    }

    private func record(of entry: CatalogueEntry) throws(CatalogueError) -> ModelRecord {
        guard let record = ModelRecord.read(recordPath(of: entry)) else {
            throw .notCached(name: entry.name)
        }
        return record
    }
}

extension CatalogueEntry {
    /// SHA-256 of the published weight file, or its first digits, if known.
    var publishedSHA256: String? {
        switch source {
        case .hub: sha256
        case .wheel(_, _, _, let memberSHA256): memberSHA256
        case .web(_, let digits): sha256 ?? digits
        }
    }
}
