internal import Encoders
internal import Foundation
public import Frames
internal import GRDB
import Media
internal import Synchronization

/// Remembers embeddings of files, so that nothing is encoded twice.
///
/// One SQLite database, keyed by the content of a file and the recipe by which it was embedded: a
/// renamed file is found, a changed one is not. Many processes may use one store at once. An input is
/// stored whole when its last clip is encoded, or not at all.
///
/// A store is a cache: reading and writing never fail a run. What does not work is reported by
/// `trouble`; a database that turns out damaged is set aside under another name and begun anew.
public final class EmbeddingStore: Sendable {
    public let path: String

    struct State {
        /// Nil once the store is given up.
        var pool: DatabasePool?
        /// The file that `pool` has open: another process may set it aside.
        var file: FileStamp?
        var trouble: String?
    }
    let state: Mutex<State>

    /// How exactly a row knows when it was last used: reading should seldom mean writing.
    private static let daysBetweenUses = 7

    /// Most bytes of embeddings that are stored for one input; hours of overlapping windows are not.
    public static let largestInput = 64 << 20

    /// Opens a store, making it where there is none.
    ///
    /// - Throws: `StoreError.unusable`, or `.tooNew`.
    public init(path: String) throws(StoreError) {
        self.path = path
        let file = FileStamp(path: path)
        do {
            state = Mutex(try Self.open(path))
        } catch let error as DatabaseError where error.isDamage {
            do {
                state = Mutex(try Self.beginAnew(path, damaged: file))
            } catch {
                throw .unusable(path: path, reason: Self.words(error))
            }
        } catch let error as StoreError {
            throw error
        } catch {
            throw .unusable(path: path, reason: Self.words(error))
        }
    }

    /// What went wrong so far, in one sentence; nil if nothing did.
    public var trouble: String? { state.withLock(\.trouble) }

    /// Moves what is in the log into the database and lets go of both; the store is not used any more.
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
            throw .unusable(path: path, reason: Self.words(error))
        }
    }

    // MARK: Files

    /// What a file holds; nil for what is no regular file or cannot be read.
    ///
    /// The digest of a file that has not changed since it was computed is not computed again.
    public func content(ofFile path: String) -> FileContent? {
        guard let stamp = FileStamp(path: path) else { return nil }
        if let known = read({ try Self.digest(of: stamp, $0) }) ?? nil {
            return FileContent(digest: known, stamp: stamp)
        }
        guard let digest = try? FileDigest.digest(ofFile: path).digest.bytes,
            FileStamp(path: path) == stamp
        else { return nil }
        if stamp.isSettled {
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
        return FileContent(digest: digest, stamp: stamp)
    }

    private static func digest(of stamp: FileStamp, _ db: Database) throws -> Data? {
        let statement = try db.cachedStatement(
            sql: """
                SELECT content FROM file
                WHERE device = ? AND inode = ? AND size = ? AND modified = ? AND changed = ?
                """)
        return try Data.fetchOne(
            statement,
            arguments: [
                stamp.device, stamp.inode, stamp.byteCount, stamp.modified, stamp.changed,
            ])
    }

    // MARK: Embeddings

    /// The embeddings of a file, by the recipe for what it is.
    ///
    /// - Parameter recipes: How a picture would be embedded, how a video. What was embedded as the other
    ///   kind does not count: a video of one frame and a picture may have one recipe.
    public func find(
        _ content: FileContent, by recipes: [MediaKind: EmbeddingRecipe]
    ) -> (recipe: EmbeddingRecipe, input: EncodedInput)? {
        for (kind, recipe) in recipes {
            if let input = input(of: content.digest, kind: kind, by: recipe) {
                return (recipe, input)
            }
        }
        return nil
    }

    /// What is stored of a content, by one recipe.
    func input(of digest: Data, kind: MediaKind, by recipe: EmbeddingRecipe) -> EncodedInput? {
        let found = read { db -> (id: Int64, used: Int, input: EncodedInput?)? in
            let statement = try db.cachedStatement(
                sql: """
                    SELECT input.* FROM input JOIN recipe ON recipe.id = input.recipe
                    WHERE input.content = ? AND recipe.digest = ?
                    """)
            let row = try Row.fetchOne(statement, arguments: [digest, recipe.digest])
            return row.map { ($0["id"], $0["used"], InputRow.input($0)) }
        }
        guard let (id, used, input) = found ?? nil else { return nil }
        let width = recipe.encoder.embeddingWidth
        guard let input, input.clips.allSatisfy({ $0.embedding.count == width }) else {
            // Its checksum is wrong: to be encoded again.
            write { try $0.execute(sql: "DELETE FROM input WHERE id = ?", arguments: [id]) }
            return nil
        }
        guard input.summary.info.kind == kind else { return nil }
        if InputRow.today - used >= Self.daysBetweenUses {
            write {
                try $0.execute(
                    sql: "UPDATE input SET used = ? WHERE id = ?",
                    arguments: [InputRow.today, id])
            }
        }
        return input
    }

    /// Stores the embeddings of a file, unless it has changed since `content` was looked at.
    ///
    /// - Parameter path: Where the file lies.
    public func insert(
        _ input: EncodedInput, of content: FileContent, at path: String, by recipe: EmbeddingRecipe
    ) {
        let size = input.clips.reduce(0) { $0 + 4 * $1.embedding.count }
        guard size <= Self.largestInput, FileStamp(path: path) == content.stamp else { return }
        write { db in
            let id = try Self.id(of: recipe, db)
            try InputRow.insert(input, content: content.digest, recipe: id, db)
        }
    }

    /// The recipe's number, given out if it is new.
    static func id(of recipe: EmbeddingRecipe, _ db: Database) throws -> Int64 {
        let statement = try db.cachedStatement(sql: "SELECT id FROM recipe WHERE digest = ?")
        if let id = try Int64.fetchOne(statement, arguments: [recipe.digest]) { return id }
        try db.execute(
            sql: "INSERT INTO recipe(digest, description) VALUES (?, ?)",
            arguments: [recipe.digest, recipe.json])
        return db.lastInsertedRowID
    }
}
