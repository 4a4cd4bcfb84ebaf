import Files
import Pipeline

/// The folder of a local copy of a benchmark.
public struct BenchmarkFolder: Sendable, Hashable {
    public let path: String

    public init(path: String) {
        self.path =
            path.utf8.count > 1 && path.utf8.last == UInt8(ascii: "/")
            ? String(path.dropLast()) : path
    }

    /// The path of the first of these files that exists.
    ///
    /// - Throws: `EvaluationError.file` if none exists.
    func file(_ names: String...) throws(EvaluationError) -> String {
        let paths = names.map(absolute)
        for path in paths {
            if try FileSystem.exists(path, failing: EvaluationError.file) { return path }
        }
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
        // One that cannot be followed is named by the error of reading it.
        return paths.first { (try? FileSystem.exists($0, failing: { $0 })) ?? true } ?? paths[0]
    }

    private func absolute(_ name: String) -> String {
        PathName.isAbsolute(name) ? name : PathName.join(path, String(name.trimmingPrefix("./")))
    }
}
