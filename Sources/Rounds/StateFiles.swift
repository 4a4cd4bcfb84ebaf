import Files
import Foundation
import TextFormats

/// Reads a UTF-8 text file.
func readText(_ path: String) throws(RoundsError) -> String {
    try WholeFile.text(path, failing: RoundsError.file)
}

/// Writes a text file atomically.
func writeText(_ text: String, to path: String) throws(RoundsError) {
    try AtomicFile.write(Data(text.utf8), to: path, failing: RoundsError.file)
}

/// Writes one value per line.
func writeLines(_ lines: [some CustomStringConvertible], to path: String) throws(RoundsError) {
    try writeText(lines.map { "\($0)\n" }.joined(), to: path)
}

func makeFolder(_ path: String) throws(RoundsError) {
    try FileSystem.makeFolder(path, failing: RoundsError.file)
}

/// Removes a file or, recursively, a folder, if it exists.
func remove(_ path: String) throws(RoundsError) {
    try FileSystem.remove(path, failing: RoundsError.file)
}
