import Encoders
internal import Foundation
internal import GRDB
internal import Synchronization

/// A summary of the entries of a store with one recipe.
public struct StoreContents: Sendable {
    public let recipe: EmbeddingRecipe
    public let inputCount: Int
    public let clipCount: Int
    /// Size of the embeddings in bytes.
    public let byteCount: Int
    /// Days since the last use of any entry, with a resolution of a week.
    public let idleDays: Int
}

/// Selects the rows that pruning removes: those that meet all conditions that are set.
public struct PruneRule: Sendable {
    /// Minimum days since the last use.
    public var idleDays: Int?
    /// Name of the encoder.
    public var encoder: String?

    public init(idleDays: Int? = nil, encoder: String? = nil) {
        self.idleDays = idleDays
        self.encoder = encoder
    }
}

extension EmbeddingStore {
    /// Summaries of the store's entries by recipe, the largest first.
    public func contents() throws(StoreError) -> [StoreContents] {
        try must { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT description, count(*), sum(clip_count), sum(length(embeddings)), max(used)
                    FROM input JOIN recipe ON recipe.id = recipe GROUP BY recipe
                    ORDER BY 4 DESC
                    """
            ).compactMap { row in
                guard let recipe = EmbeddingRecipe(json: row[0]) else { return nil }
                return StoreContents(
                    recipe: recipe, inputCount: row[1], clipCount: row[2], byteCount: row[3],
                    idleDays: InputRow.today - row[4])
            }
        }
    }

    /// Size of the database and its log on disk, in bytes.
    public var byteCountOnDisk: Int {
        ["", "-wal"].reduce(0) { $0 + Int(FileStamp(path: path + $1)?.byteCount ?? 0) }
    }

    /// Verifies the structure of the database, then the checksum of every row. Damaged rows are
    /// removed, so that their inputs are encoded again.
    ///
    /// - Returns: Numbers of valid rows and of removed rows. If the structure is damaged, the store
    ///   is recreated empty, and `lastProblem` reports it.
    public func verify() throws(StoreError) -> (sound: Int, removed: Int) {
        let problem = read { try String.fetchOne($0, sql: "PRAGMA integrity_check(1)") } ?? nil
        if let problem, problem != "ok" {
            _ = read { _ -> Void in
                throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: problem)
            }
        }
        var sound = 0
        var removed = 0
        var last: Int64 = -1
        while true {
            // In batches, so that other processes do not wait.
            let rows = try must { db in
                try Row.fetchAll(
                    db, sql: "SELECT * FROM input WHERE id > ? ORDER BY id LIMIT 256",
                    arguments: [last])
            }
            guard let id: Int64 = rows.last?["id"] else { return (sound, removed) }
            last = id
            let broken = rows.filter { InputRow.input($0) == nil }.map { $0["id"] as Int64 }
            sound += rows.count - broken.count
            removed += broken.count
            for id in broken {
                write { try $0.execute(sql: "DELETE FROM input WHERE id = ?", arguments: [id]) }
            }
        }
    }

    /// Removes rows and frees their disk space.
    ///
    /// - Returns: Number of removed rows.
    public func prune(_ rule: PruneRule) throws(StoreError) -> Int {
        let removed = try must(writing: true) { db in
            let recipes = try Row.fetchAll(db, sql: "SELECT id, description FROM recipe").filter {
                rule.encoder == nil
                    || EmbeddingRecipe(json: $0[1])?.encoder.name == rule.encoder
            }
            var count = 0
            for recipe in recipes {
                try db.execute(
                    sql: "DELETE FROM input WHERE recipe = ? AND used <= ?",
                    arguments: [recipe[0] as Int64, InputRow.today - (rule.idleDays ?? 0)])
                count += db.changesCount
            }
            try db.execute(
                sql: "DELETE FROM recipe WHERE id NOT IN (SELECT recipe FROM input)")
            try db.execute(
                sql: "DELETE FROM file WHERE content NOT IN (SELECT content FROM input)")
            return count
        }
        do {
            if let pool = state.withLock(\.pool) {
                try pool.vacuum()
                Self.shrinkLog(of: pool)
            }
        } catch {
            throw .unusable(path: path, reason: Self.message(of: error))
        }
        return removed
    }

    /// Reads or writes.
    ///
    /// - Throws: `StoreError.unusable` if that fails.
    func must<Result>(
        writing: Bool = false, _ body: (Database) throws -> Result
    ) throws(StoreError) -> Result {
        var result: Result?
        if writing {
            write { result = try body($0) }
        } else {
            result = read(body)
        }
        if let result { return result }
        throw .unusable(path: path, reason: lastProblem ?? "it is closed")
    }
}
