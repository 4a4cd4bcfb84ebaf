import Files
import Foundation
import Pipeline

/// The folder of a local copy of a benchmark.
public struct BenchmarkFolder: Sendable, Hashable {
    public let path: String

    public init(path: String) {
        self.path = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
    }

    /// The path of the first of these files that exists.
    ///
    /// - Throws: `EvaluationError.file` if none exists.
    func file(_ names: String...) throws(EvaluationError) -> String {
        let paths = names.map(absolute)
        if let found = paths.first(where: FileManager.default.fileExists) { return found }
        throw .file(
            FileError(
                .read, path,
                .file(
                    "it holds no \(names.joined(separator: " or ")); "
                        + "which files a benchmark consists of: docs/benchmarks.md")))
    }

    /// The path of a video or image that an annotation names.
    ///
    /// - Parameters:
    ///   - names: Possible names, relative to the folder, as the benchmark's own loaders join them.
    ///   - folders: Subfolders to search; an empty string is the folder itself.
    /// - Returns: The first path that exists; if none does, the first one.
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
