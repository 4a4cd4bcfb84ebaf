import Files
import Foundation

/// Metadata of cached weights, in `model.json` beside them.
package struct ModelRecord: Codable, Sendable, Equatable {
    /// File name of the weights in the model's folder.
    package var file: String
    /// Length of the cached file, in bytes.
    var byteCount: Int
    /// SHA-256 of the cached file, in lower-case hexadecimal.
    var sha256: String
    /// Origin of the weights, for display.
    var origin: String
    /// SHA-256 of the file that the cached one was copied or converted from.
    var originSHA256: String

    package init(file: String, byteCount: Int, sha256: String, origin: String, originSHA256: String)
    {
        self.file = file
        self.byteCount = byteCount
        self.sha256 = sha256
        self.origin = origin
        self.originSHA256 = originSHA256
    }

    /// Nil if there is no valid record.
    package static func read(_ path: String) -> ModelRecord? {
        guard let json = FileManager.default.contents(atPath: path),
            let record = try? JSONDecoder().decode(ModelRecord.self, from: json),
            // Reject path traversal.
            !record.file.isEmpty, !record.file.contains("/"), record.file != ".."
        else { return nil }
        return record
    }

    package func write(to path: String) throws(CatalogueError) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        guard let json = try? encoder.encode(self) else { preconditionFailure("a record is JSON") }
        try AtomicFile.write(json, to: path, failing: CatalogueError.file)
    }
}
