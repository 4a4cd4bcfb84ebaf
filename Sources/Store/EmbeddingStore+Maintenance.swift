internal import Encoders
internal import Foundation
internal import GRDB
internal import Synchronization

/// What a store holds by one recipe.
public struct StoreContents: Sendable {
    public let recipe: EmbeddingRecipe
    public let inputCount: Int
    public let clipCount: Int
    /// Bytes of its embeddings.
    public let byteCount: Int
    /// Days since something of it was used, in steps of a week.
    public let idleDays: Int
}

/// Which rows go when a store is pruned; a row goes if all that is given applies to it.
public struct PruneRule: Sendable {
    /// Not used for at least so many days.
    public var idleDays: Int?
    /// Made by an encoder of this name.
    public var encoder: String?

    public init(idleDays: Int? = nil, encoder: String? = nil) {
        self.idleDays = idleDays
        self.encoder = encoder
    }
}

extension EmbeddingStore {
    /// What the store holds, by recipe, the largest first.
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

    /// Bytes of the database and its log on disk.
    public var byteCountOnDisk: Int {
        ["", "-wal"].reduce(0) { $0 + Int(FileStamp(path: path + $1)?.byteCount ?? 0) }
    }

    /// Reads everything: the database's structure, then every row's checksum. Rows that are not what
    /// was stored are removed, to be encoded again.
    ///
    /// - Returns: Rows that are sound and rows that were removed. If the structure is damaged the store
    ///   is begun anew, as `trouble` says, and holds nothing.
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
            // A few at a time, so that nobody waits for us.
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

    /// Removes rows and gives their room back to the disk.
    ///
    /// - Returns: How many went.
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
            throw .unusable(path: path, reason: Self.words(error))
        }
        return removed
    }

    /// Reads or writes, or says why that cannot be done.
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
        throw .unusable(path: path, reason: trouble ?? "it is closed")
    }
}
