import Foundation
import Frames
import GRDB
import Store
import TestSupport

/// The embedding cache.
extension FuzzTarget {
    /// The bytes of a database.
    static let store = FuzzTarget(name: "store") { folder in
        [try ExampleStore(in: folder).path]
    } open: { folder in
        { bytes in
            let folder = try TemporaryFolder()
            _ = try use(folder, store: try folder.write(bytes, to: "store.sqlite"))
        }
    }

    /// Values of any type in any column of a valid database.
    static let storeColumns = FuzzTarget(name: "store-columns") { folder in
        [
            try folder.write([1, 5, 1, 0, 0, 0, 0, 0, 0, 1, 0], to: "width"),
            try folder.write([1, 15, 3, 5, 1, 2, 3, 4, 5], to: "clips"),
        ]
    } open: { folder in
        let example = try folder.bytes(
            URL(fileURLWithPath: try ExampleStore(in: folder).path).lastPathComponent)
        return { bytes in
            let folder = try TemporaryFolder()
            let path = try folder.write(example, to: "store.sqlite")
            var changes = ColumnChanges(bytes)
            try changes.apply(to: path)
            let found = try use(folder, store: path)
            expect(
                changes.fixesChecksums || found == nil || found == exampleInput,
                "a damaged row is used: \(found.map { "\($0)" } ?? "")")
        }
    }

    /// An export of another store.
    static let storeImport = FuzzTarget(name: "store-import") { folder in
        let store = try EmbeddingStore(path: try ExampleStore(in: folder).path)
        let path = folder.path("export.safetensors")
        _ = try store.export(to: path)
        try store.close()
        return [path]
    } open: { _ in
        { bytes in
            let folder = try TemporaryFolder()
            let store = try EmbeddingStore(path: folder.path("store.sqlite"))
            _ = try store.importInputs(from: try folder.write(bytes, to: "in.safetensors"))
            let (_, damaged) = try store.export(to: folder.path("out.safetensors"))
            expect(damaged == 0, "imported rows are damaged: \(store.lastProblem ?? "")")
            try store.close()
        }
    }

    /// Does all that the command does with a store.
    ///
    /// - Returns: What is found for the content of `exampleInput`.
    private static func use(_ folder: TemporaryFolder, store path: String) throws -> EncodedInput? {
        let store = try EmbeddingStore(path: path)
        _ = try? store.contents()
        let export = folder.path("export.safetensors")
        let exported = try? store.export(to: export).exported
        let file = try folder.write(ExampleStore.content, to: "a.mp4")
        let found = store.content(ofFile: file).flatMap {
            store.find($0, by: [.video: exampleRecipe])?.input
        }
        _ = try? store.verify()
        _ = try? store.prune(PruneRule(idleDays: 30))
        if let content = store.content(ofFile: file) {
            store.insert(exampleInput, of: content, at: file, by: exampleRecipe)
        }
        try store.close()
        if let exported, exported > 0 {
            let other = try EmbeddingStore(path: folder.path("other.sqlite"))
            let imported = try? other.importInputs(from: export)
            expect(imported != nil, "the store's own export is refused")
            try other.close()
        }
        return found
    }
}

/// A store of two inputs, one of them of `content`, with small pages.
private struct ExampleStore {
    static let content = "content 0"
    let path: String

    init(in folder: TemporaryFolder) throws {
        path = folder.path("example.sqlite")
        let store = try EmbeddingStore(path: path)
        for content in [Self.content, "content 1"] {
            let file = try folder.write(content, to: "a.mp4")
            guard let snapshot = store.content(ofFile: file) else { continue }
            store.insert(exampleInput, of: snapshot, at: file, by: exampleRecipe)
        }
        try store.close()
        let queue = try DatabaseQueue(path: path)
        try queue.writeWithoutTransaction { db in
            _ = try String.fetchOne(db, sql: "PRAGMA journal_mode = DELETE")
            try db.execute(sql: "PRAGMA page_size = 512; VACUUM")
        }
        try queue.close()
    }
}

/// Assignments to columns, as an input describes them.
private struct ColumnChanges {
    private static let columns = [
        ("recipe", ["id", "digest", "description"]),
        (
            "input",
            [
                "id", "content", "recipe", "used", "kind", "width", "height", "frame_rate",
                "promised_seconds", "format", "codec", "frames", "seconds", "truncation",
                "clip_count", "clips", "embeddings", "checksum",
            ]
        ),
        ("file", ["device", "inode", "size", "modified", "changed", "content"]),
    ]

    private var bytes: ArraySlice<UInt8>
    /// Whether checksums fit the changed columns, as those of ganrm 0.1.0 may.
    let fixesChecksums: Bool

    init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = Array(bytes)[...]
        fixesChecksums = (self.bytes.popFirst() ?? 0).isMultiple(of: 2)
    }

    mutating func apply(to path: String) throws {
        let queue = try DatabaseQueue(path: path)
        defer { try? queue.close() }
        try queue.write { db in
            while let choice = bytes.popFirst() {
                let (table, columns) = Self.columns[Int(choice / 64) % Self.columns.count]
                let column = columns[Int(choice % 64) % columns.count]
                // A change that a constraint forbids is left out.
                try? db.execute(
                    sql: "UPDATE OR REPLACE \(table) SET \(column) = ?", arguments: [value()])
            }
            guard fixesChecksums else { return }
            for row in try Row.fetchAll(db, sql: "SELECT id, clips, embeddings FROM input") {
                guard case .blob(let clips) = (row["clips"] as DatabaseValue).storage,
                    case .blob(let embeddings) = (row["embeddings"] as DatabaseValue).storage
                else { continue }
                try db.execute(
                    sql: "UPDATE input SET checksum = ? WHERE id = ?",
                    arguments: [Int64(crc32(clips + embeddings)), row["id"] as DatabaseValue])
            }
        }
    }

    /// A value of any type, which the next bytes describe.
    private mutating func value() -> DatabaseValue {
        let kind = bytes.popFirst() ?? 0
        switch kind % 5 {
        case 0: return .null
        case 1: return Int64(bitPattern: word()).databaseValue
        case 2: return Double(bitPattern: word()).databaseValue
        default:
            let count = min(Int(bytes.popFirst() ?? 0), bytes.count)
            let part = bytes.prefix(count)
            bytes = bytes.dropFirst(count)
            return kind % 5 == 3
                ? Data(part).databaseValue : String(decoding: part, as: UTF8.self).databaseValue
        }
    }

    private mutating func word() -> UInt64 {
        (0..<8).reduce(0) { word, _ in word << 8 | UInt64(bytes.popFirst() ?? 0) }
    }
}
