import Foundation
import JSON
import Tensors

/// The text of a file.
func readText(_ path: String) throws(RoundsError) -> String {
    do { return try String(contentsOfFile: path, encoding: .utf8) } catch {
        throw .unreadable(path: path, reason: error.localizedDescription)
    }
}

/// Writes a file that is either whole or not there.
func writeText(_ text: String, to path: String) throws(RoundsError) {
    do throws(TensorError) {
        try AtomicFile.write(to: path) { (file) throws(TensorError) in
            try file.append(Data(text.utf8))
        }
    } catch {
        if case .unwritable(_, let reason) = error { throw .unwritable(path: path, reason: reason) }
        throw .unwritable(path: path, reason: "\(error)")
    }
}

/// Writes a value a line.
func writeLines(_ lines: [JSONValue], to path: String) throws(RoundsError) {
    try writeText(lines.map { "\($0)\n" }.joined(), to: path)
}

func makeFolder(_ path: String) throws(RoundsError) {
    do {
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: true)
    } catch {
        throw .unwritable(path: path, reason: error.localizedDescription)
    }
}

/// Removes a file or a folder with all that it holds, if it is there.
func remove(_ path: String) throws(RoundsError) {
    // Unlike `fileExists` this sees a link that leads nowhere.
    guard (try? FileManager.default.attributesOfItem(atPath: path)) != nil else { return }
    do { try FileManager.default.removeItem(atPath: path) } catch {
        throw .unwritable(path: path, reason: error.localizedDescription)
    }
}
