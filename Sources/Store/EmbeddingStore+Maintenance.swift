import Encoders
internal import Foundation
internal import Frames
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
    /// Minimum days since the last use, 0 to 1 000 000.
    public var idleDays: Int?
    /// Name of the encoder.
    public var encoder: String?

    /// Valid values of `idleDays`.
    package static let idleDayCounts = 0...1_000_000

    public init(idleDays: Int? = nil, encoder: String? = nil) {
        self.idleDays = idleDays
        self.encoder = encoder
    }
}

extension EmbeddingStore {
    /// Summaries of the store's entries by recipe, the largest first.
    public func contents() throws(StoreError) -> [StoreContents] {
        let (recipes, rows) = try must { db in
            (
                try Self.recipes(db),
                try Row.fetchAll(
                    db,
                    sql: """
                        SELECT id, recipe, clip_count, used, length(embeddings) AS size FROM input
                        """)
            )
        }
        var contents: [Int: StoreContents] = [:]
        var damage: StoredColumns.Damage?
        for row in rows {
            let columns = StoredColumns(row, table: "input")
            do throws(StoredColumns.Damage) {
                let id = try columns.integer("recipe", in: 0...Int.max)
                guard let recipe = recipes[id] ?? nil else {
                    throw columns.damage("recipe", "no recipe that can be read")
                }
                let known = contents[id]
                contents[id] = StoreContents(
                    recipe: recipe, inputCount: (known?.inputCount ?? 0) + 1,
                    clipCount: (known?.clipCount ?? 0)
                        + (try columns.integer("clip_count", in: InputRow.clipCounts)),
                    byteCount: (known?.byteCount ?? 0)
                        + (try columns.integer("size", in: 0...Int(Int32.max))),
                    idleDays: min(
                        known?.idleDays ?? .max,
                        InputRow.today - (try columns.integer("used", in: InputRow.days))))
            } catch {
                damage = damage ?? error
            }
        }
        if let damage { report("\(damage); see ganrm store verify") }
        return contents.values.sorted { $0.byteCount > $1.byteCount }
    }

    /// The recipes by row ID; nil for one that cannot be read, which is damaged or of a newer version.
    static func recipes(_ db: Database) throws -> [Int: EmbeddingRecipe?] {
        var recipes: [Int: EmbeddingRecipe?] = [:]
        for row in try Row.fetchAll(db, sql: "SELECT id, description FROM recipe") {
            let columns = StoredColumns(row, table: "recipe")
            guard let id = try? columns.integer("id", in: 0...Int.max) else { continue }
            recipes[id] = .some(
                (try? columns.text("description")).flatMap { EmbeddingRecipe(json: $0) })
        }
        return recipes
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
        let recipes = try must(Self.recipes)
        var sound = 0
        var removed = 0
        var last = Int64.min
        while true {
            // In batches, so that other processes do not wait.
            let rows = try must { db in
                try Row.fetchAll(
                    db, sql: "SELECT * FROM input WHERE id > ? ORDER BY id LIMIT 256",
                    arguments: [last])
            }
            guard let id = rows.last?.id else {
                let texts = try verifyTexts()
                return (sound + texts.sound, removed + texts.removed)
            }
            last = id
            var broken: [Int64] = []
            for row in rows {
                do throws(StoredColumns.Damage) {
                    _ = try InputRow.input(row)
                    let columns = StoredColumns(row, table: "input")
                    _ = try columns.integer("used", in: InputRow.days)
                    let recipe = try columns.integer("recipe", in: 0...Int.max)
                    guard recipes[recipe] != nil else {
                        throw columns.damage("recipe", "no recipe")
                    }
                    sound += 1
                } catch {
                    report("\(error); it was removed")
                    removed += 1
                    if let id = row.id { broken.append(id) }
                }
            }
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
            let day = InputRow.today - InputRow.days.clamp(rule.idleDays ?? 0)
            var count = 0
            if let encoder = rule.encoder {
                for (recipe, value) in try Self.recipes(db) where value?.encoder.name == encoder {
                    try db.execute(
                        sql: "DELETE FROM input WHERE recipe = ? AND used <= ?",
                        arguments: [recipe, day])
                    count += db.changesCount
                }
            } else {
                for table in ["input", "text"] {
                    try db.execute(sql: "DELETE FROM \(table) WHERE used <= ?", arguments: [day])
                    count += db.changesCount
                }
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

extension Row {
    /// The value of the column `id`, which is an integer in any table.
    var id: Int64? {
        if case .int64(let id)? = (self["id"] as (any DatabaseValueConvertible)?)?.databaseValue
            .storage
        {
            id
        } else {
            nil
        }
    }
}
