import Foundation

/// A folder that is written atomically: to a temporary folder beside it, which is then renamed.
package enum AtomicFolder {
    /// Creates `path` with `body`, which adds the files to the given temporary folder. A folder that
    /// exists is replaced; on an error, `path` is unchanged.
    ///
    /// - Parameter failing: Converts a `FileError` to the caller's error type.
    package static func create<Failure: Error>(
        _ path: String, failing: (FileError) -> Failure,
        _ body: (_ temporaryFolder: String) throws(Failure) -> Void
    ) throws(Failure) {
        let temporary = FileSystem.temporaryPath(for: path)
        UnfinishedOutputs.insert(temporary)
        defer { UnfinishedOutputs.remove(temporary) }
        do throws(Failure) {
            try FileSystem.makeFolder(temporary) { failing(FileError(.write, path, $0.cause)) }
            try body(temporary)
            // `rename` replaces an empty folder. Another is moved away first, and back on failure.
            if rename(temporary, path) == 0 { return }
            let old = temporary + ".old"
            guard rename(path, old) == 0 else { throw failing(.last(.write, path)) }
            do throws(Failure) {
                try FileSystem.move(temporary, to: path, failing: failing)
            } catch {
                rename(old, path)
                throw error
            }
            try? FileManager.default.removeItem(atPath: old)
        } catch {
            try? FileManager.default.removeItem(atPath: temporary)
            throw error
        }
    }
}
