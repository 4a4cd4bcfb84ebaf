import Foundation

/// A local copy of a benchmark.
public struct BenchmarkFolder: Sendable, Hashable {
    public let path: String

    public init(path: String) {
        self.path = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
    }

    /// The first of these files that exists.
    ///
    /// - Throws: `GANRMError.unreadable`.
    func file(_ names: String...) throws(GANRMError) -> String {
        let paths = names.map(absolute)
        if let found = paths.first(where: FileManager.default.fileExists) { return found }
        throw .unreadable(
            path: path,
            reason: "it holds no \(names.joined(separator: " or ")); "
                + "which files a benchmark consists of: docs/benchmarks.md")
    }

    /// The path of a video or picture that an annotation names.
    ///
    /// - Parameters:
    ///   - names: Relative to the folder, as loaders of the benchmark join them.
    ///   - folders: Subfolders in which the file may be; an empty one is the folder itself.
    /// - Returns: The first path that exists; if none does, the first of all.
    func media(_ names: String..., under folders: [String]) -> String {
        let paths = names.flatMap { name in
            folders.map { absolute($0.isEmpty ? name : "\($0)/\(name)") }
        }
        return paths.first(where: FileManager.default.fileExists) ?? paths[0]
    }

    private func absolute(_ name: String) -> String {
        name.hasPrefix("/") ? name : "\(path)/\(name.trimmingPrefix("./"))"
    }
}
