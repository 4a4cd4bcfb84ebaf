import Foundation
import Pipeline
import TextFormats

/// The scores of a benchmark's files by absolute path.
///
/// A row of `ganrm score` may name a file by an absolute path, or relative to the current folder or
/// to the benchmark's.
struct BenchmarkScores: Sendable {
    private var scored: [ByteString: ScoredInput] = [:]
    private var failed: Set<ByteString> = []

    init(_ table: ScoreTable, folder: BenchmarkFolder) {
        let folder = URL(fileURLWithPath: folder.path, isDirectory: true)
        for base in [nil, folder] {
            for input in table.inputs {
                let path = Self.path(input.input, relativeTo: base)
                if scored[path] == nil { scored[path] = input }
            }
            failed.formUnion(
                table.failures.map { ByteString(Self.path($0.input, relativeTo: base)) })
        }
    }

    subscript(input: String) -> ScoredInput? { scored[Self.path(input)] }

    /// Whether the table has an outcome for an input, a score or a failure.
    func contains(_ input: String) -> Bool {
        let path = Self.path(input)
        return scored[path] != nil || failed.contains(path)
    }

    private static func path(_ name: String, relativeTo base: URL? = nil) -> String {
        URL(fileURLWithPath: name, relativeTo: base).standardizedFileURL.path
    }
}
