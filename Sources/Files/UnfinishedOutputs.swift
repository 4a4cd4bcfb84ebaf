import Foundation
import Synchronization

/// Temporary files and folders, and locks, of the outputs that are being written: what a process
/// removes that ends without unwinding.
package enum UnfinishedOutputs {
    private static let paths = Mutex<Set<String>>([])

    static func insert(_ path: String) { paths.withLock { _ = $0.insert(path) } }

    static func remove(_ path: String) { paths.withLock { _ = $0.remove(path) } }

    /// Removes them all, as far as possible.
    package static func removeAll() {
        for path in paths.withLock(\.self) where unlink(path) != 0 && errno == EISDIR {
            try? FileManager.default.removeItem(atPath: path)
        }
    }
}
