import Foundation

/// What the cache remembers of a model's weights, in `model.json` beside them.
struct ModelRecord: Codable, Sendable, Equatable {
    /// The weights' file name within the model's folder.
    var file: String
    var byteCount: Int
    /// Of the file in the cache, lower-case hexadecimal.
    var sha256: String
    /// Where it came from, for people.
    var origin: String
    /// Of the file that it was taken or converted from.
    var originSHA256: String

    static func read(_ path: String) -> ModelRecord? {
        guard let json = FileManager.default.contents(atPath: path),
            let record = try? JSONDecoder().decode(ModelRecord.self, from: json),
            // The name must not lead out of the folder.
            !record.file.isEmpty, !record.file.contains("/"), record.file != ".."
        else { return nil }
        return record
    }

    func write(to path: String) throws(CatalogueError) {
        do {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            try encoder.encode(self).write(to: URL(fileURLWithPath: path), options: .atomic)
        } catch {
            throw .unwritable(path: path, reason: error.localizedDescription)
        }
    }
}
