import Encoders
import Files
internal import Foundation
public import Frames
internal import GRDB
import Media
internal import ModelCatalogue
internal import Synchronization

/// A cache of embeddings, so that no file is encoded twice.
///
/// It is one SQLite database, keyed by the content of a file and the recipe of its embeddings: a
/// renamed file is found, a changed one is not. Several processes may use it at once. An input is
/// stored in one transaction after its last clip is encoded.
///
/// Errors in reading and writing never fail a run. They are reported by `lastProblem`; a damaged
/// database is renamed and recreated.
public final class EmbeddingStore: Sendable {
    public let path: String

    struct State {
        /// Nil once the store is closed or disabled.
        var pool: DatabasePool?
        /// The file that `pool` has open, which another process may have renamed.
        var file: FileStamp?
        var lastProblem: String?
    }
    let state: Mutex<State>

    /// Resolution of the date of last use, in days: reads should rarely cause writes.
    static let usageResolutionDays = 7

    /// Maximum bytes of embeddings of one input; larger ones, such as hours of overlapping windows,
    /// are not stored.
    public static let maximumInputBytes = 64 << 20

    /// Opens a store, and creates it if it does not exist.
    ///
    /// - Throws: `StoreError.unusable`, or `.tooNew` if a newer version wrote it.
    public init(path: String) throws(StoreError) {
        self.path = path
        let file = FileStamp(path: path)
        do {
            state = Mutex(try Self.open(path))
        } catch let error as DatabaseError where error.isDamage {
            do {
                state = Mutex(try Self.recreate(path, damaged: file))
            } catch let error as StoreError {
                throw error
            } catch {
                throw .unusable(path: path, reason: Self.message(of: error))
            }
        } catch let error as StoreError {
            throw error
        } catch {
            throw .unusable(path: path, reason: Self.message(of: error))
        }
    }

    /// The last problem, in one sentence; nil if there was none.
    public var lastProblem: String? { state.withLock(\.lastProblem) }

    /// Checkpoints the write-ahead log and closes the database; the store cannot be used
    /// afterwards.
    public func close() throws(StoreError) {
        guard
            let pool = state.withLock({ state in
                defer { state.pool = nil }
                return state.pool
            })
        else { return }
        do {
            Self.shrinkLog(of: pool)
            try pool.close()
        } catch {
            throw .unusable(path: path, reason: Self.message(of: error))
        }
    }

    /// Sets `lastProblem` to damage of single rows, unless there is a problem already.
    func report(_ damage: String) {
        state.withLock { state in
            state.lastProblem = state.lastProblem ?? "the store '\(path)' is damaged: \(damage)"
        }
    }

    // MARK: Files

    /// The digest of a file's content; nil if it is not a regular file or cannot be read.
    ///
    /// The digest is cached until the file's `stat` changes.
    public func content(ofFile path: String) -> FileSnapshot? {
        guard let stamp = FileStamp(path: path) else { return nil }
        if let known = read({ try Self.digest(of: stamp, $0) }) ?? nil {
            return FileSnapshot(digest: known, stamp: stamp)
        }
        guard let digest = try? FileDigest.digest(ofFile: path, failing: { $0 }).digest.bytes,
            FileStamp(path: path) == stamp
        else { return nil }
        if stamp.isOlderThanTimeResolution {
            write { db in
                try db.execute(
                    sql: """
                        INSERT OR REPLACE INTO file(device, inode, size, modified, changed, content)
                        VALUES (?, ?, ?, ?, ?, ?)
                        """,
                    arguments: [
                        stamp.device, stamp.inode, stamp.byteCount, stamp.modified, stamp.changed,
                        digest,
                    ])
            }
        }
        return FileSnapshot(digest: digest, stamp: stamp)
    }

    /// The digest of a part of a file: of a member of an archive, or of an upload. It is computed each
    /// time; nil if the file is not a regular file or cannot be read.
    package func content(ofFile path: String, range: Range<Int>) -> FileSnapshot? {
        guard let stamp = FileStamp(path: path),
            let found = try? FileDigest.digest(ofFile: path, range: range, failing: { $0 }),
            found.byteCount == range.count, FileStamp(path: path) == stamp
        else { return nil }
        return FileSnapshot(digest: found.digest.bytes, stamp: stamp)
    }

    private static func digest(of stamp: FileStamp, _ db: Database) throws -> Data? {
        let statement = try db.cachedStatement(
            sql: """
                SELECT content FROM file
                WHERE device = ? AND inode = ? AND size = ? AND modified = ? AND changed = ?
                """)
        let digest = try Data.fetchOne(
            statement,
            arguments: [
                stamp.device, stamp.inode, stamp.byteCount, stamp.modified, stamp.changed,
            ])
        return digest?.count == InputRow.digestSize ? digest : nil
    }

    // MARK: Embeddings

    /// Looks up the embeddings of a file; nil if there are none.
    ///
    /// - Parameter recipes: The recipes for images and for videos. Embeddings of the other kind are
    ///   ignored, since an image and a video of one frame may have the same recipe.
    public func find(
        _ content: FileSnapshot, by recipes: [MediaKind: EmbeddingRecipe]
    ) -> (recipe: EmbeddingRecipe, input: EncodedInput)? {
        for (kind, recipe) in recipes {
            if let input = input(of: content.digest, kind: kind, by: recipe) {
                return (recipe, input)
            }
        }
        return nil
    }

    /// Looks up an input by its content and recipe; nil if it is not stored.
    func input(of digest: Data, kind: MediaKind, by recipe: EmbeddingRecipe) -> EncodedInput? {
        let width = recipe.encoder.embeddingWidth
        let found = read { db -> (id: Int64?, used: Int, input: EncodedInput?)? in
            let statement = try db.cachedStatement(
                sql: """
                    SELECT input.* FROM input JOIN recipe ON recipe.id = input.recipe
                    WHERE input.content = ? AND recipe.digest = ?
                    """)
            let row = try Row.fetchOne(statement, arguments: [digest, recipe.digest])
            guard let row else { return nil }
            let columns = StoredColumns(row, table: "input")
            do throws(StoredColumns.Damage) {
                let input = try InputRow.input(row, width: width)
                return (row.id, try columns.integer("used", in: InputRow.days), input)
            } catch {
                report("\(error); it is encoded again")
                return (row.id, 0, nil)
            }
        }
        guard let (id, used, input) = found ?? nil else { return nil }
        guard let input else {
            // The row is damaged: delete it, so that the input is encoded again.
            write { try $0.execute(sql: "DELETE FROM input WHERE id = ?", arguments: [id]) }
            return nil
        }
        guard input.summary.info.kind == kind else { return nil }
        if InputRow.today - used >= Self.usageResolutionDays {
            write {
                try $0.execute(
                    sql: "UPDATE input SET used = ? WHERE id = ?",
                    arguments: [InputRow.today, id])
            }
        }
        return input
    }

    /// Stores the embeddings of a file, unless it has changed since `content` was computed.
    ///
    /// - Parameter path: Path of the file.
    public func insert(
        _ input: EncodedInput, of content: FileSnapshot, at path: String, by recipe: EmbeddingRecipe
    ) {
        let size = input.clips.reduce(0) { $0 + 4 * $1.embedding.count }
        guard size <= Self.maximumInputBytes, FileStamp(path: path) == content.stamp else { return }
        write { db in
            let id = try Self.id(of: recipe, db)
            try InputRow.insert(input, content: content.digest, recipe: id, db)
        }
    }

    /// The recipe's row ID; inserts the recipe if it is new.
    static func id(of recipe: EmbeddingRecipe, _ db: Database) throws -> Int64 {
        let statement = try db.cachedStatement(sql: "SELECT id FROM recipe WHERE digest = ?")
        if let id = try Int64.fetchOne(statement, arguments: [recipe.digest]) { return id }
        try db.execute(
            sql: "INSERT INTO recipe(digest, description) VALUES (?, ?)",
            arguments: [recipe.digest, recipe.json])
        return db.lastInsertedRowID
    }
}
