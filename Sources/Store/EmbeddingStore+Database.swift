import Files
internal import Foundation
internal import GRDB
internal import Synchronization

extension EmbeddingStore {
    /// Schema version, stored as `user_version`; increment it when the tables change.
    static let version = 1

    /// Opens the database and creates its tables if needed; one process at a time.
    static func open(_ path: String) throws -> State {
        try FileSystem.makeFolder(
            PathName.folder(of: path), failing: failure(path))
        return try withLock(path) {
            var configuration = Configuration()
            // Writers wait for each other; each holds the lock for microseconds.
            configuration.busyMode = .timeout(60)
            configuration.prepareDatabase { db in
                // With a write-ahead log a crash loses at most the last inputs, never the database.
                try db.execute(sql: "PRAGMA synchronous = NORMAL")
                try db.execute(sql: "PRAGMA mmap_size = 1073741824")
            }
            let pool = try DatabasePool(path: path, configuration: configuration)
            try pool.write { db in
                let found = try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
                guard found <= version else { throw StoreError.tooNew(path: path, version: found) }
                // Versions before it ignore this table, and its absence is nothing that they miss.
                try db.execute(sql: textTable)
                if found == version { return }
                try db.execute(
                    sql: """
                        CREATE TABLE recipe(
                            id INTEGER PRIMARY KEY, digest BLOB NOT NULL UNIQUE,
                            description TEXT NOT NULL);
                        CREATE TABLE input(
                            id INTEGER PRIMARY KEY, content BLOB NOT NULL,
                            recipe INTEGER NOT NULL REFERENCES recipe ON DELETE CASCADE,
                            used INTEGER NOT NULL, kind TEXT NOT NULL, width INTEGER NOT NULL,
                            height INTEGER NOT NULL, frame_rate REAL, promised_seconds REAL,
                            format TEXT NOT NULL, codec TEXT NOT NULL, frames INTEGER NOT NULL,
                            seconds REAL, truncation TEXT, clip_count INTEGER NOT NULL,
                            clips BLOB NOT NULL, embeddings BLOB NOT NULL,
                            checksum INTEGER NOT NULL, UNIQUE(content, recipe));
                        CREATE INDEX input_recipe ON input(recipe);
                        CREATE TABLE file(
                            device INTEGER NOT NULL, inode INTEGER NOT NULL, size INTEGER NOT NULL,
                            modified INTEGER NOT NULL, changed INTEGER NOT NULL,
                            content BLOB NOT NULL, PRIMARY KEY(device, inode)) WITHOUT ROWID;
                        PRAGMA user_version = \(version);
                        """)
            }
            return State(pool: pool, file: FileStamp(path: path))
        }
    }

    /// Checkpoints the write-ahead log and truncates it, unless others are reading it.
    static func shrinkLog(of pool: DatabasePool) {
        _ = try? pool.writeWithoutTransaction { try $0.checkpoint(.truncate) }
    }

    /// Reads from the database; nil if that fails.
    func read<Result>(_ body: (Database) throws -> Result) -> Result? {
        attempt { try $0.unsafeRead(body) }
    }

    /// Writes in one transaction; does nothing if that fails.
    func write(_ body: (Database) throws -> Void) {
        _ = attempt { try $0.write(body) }
    }

    private func attempt<Result>(_ body: (DatabasePool) throws -> Result) -> Result? {
        guard let pool = state.withLock(\.pool) else { return nil }
        do {
            return try body(pool)
        } catch {
            handle(error, of: pool)
            return nil
        }
    }

    /// Recreates a damaged database; disables one that cannot be used.
    private func handle(_ error: any Error, of pool: DatabasePool) {
        state.withLock { state in
            // Another thread has already handled it.
            guard state.pool === pool else { return }
            state.pool = nil
            if let error = error as? DatabaseError, error.isDamage,
                let fresh = try? Self.recreate(path, damaged: state.file)
            {
                state = fresh
                return
            }
            state.lastProblem =
                "the store '\(path)' is not used any more in this run: \(Self.message(of: error))"
        }
    }

    /// Renames a damaged database and its log files, and opens a new one.
    ///
    /// - Parameter file: The damaged file; nothing is renamed if another process has already done
    ///   so.
    static func recreate(_ path: String, damaged file: FileStamp?) throws -> State {
        let name = try withLock(path) { () -> String? in
            guard let file, FileStamp(path: path)?.isSameFile(as: file) == true else { return nil }
            var number = 1
            while try FileSystem.exists("\(path).damaged-\(number)", failing: failure(path)) {
                number += 1
            }
            let name = "\(path).damaged-\(number)"
            for suffix in ["-wal", "-shm", ""]
            where try FileSystem.exists(path + suffix, failing: failure(path)) {
                try FileSystem.move(path + suffix, to: name + suffix, failing: failure(path))
            }
            return name
        }
        var state = try open(path)
        state.lastProblem = "the store '\(path)' was damaged and has been recreated"
        if let name { state.lastProblem? += "; what was there is now '\(name)'" }
        return state
    }

    /// Converts a `FileError` to an error of the store at `path`.
    private static func failure(_ path: String) -> (FileError) -> StoreError {
        { .unusable(path: path, reason: $0.reason) }
    }

    static func message(of error: any Error) -> String {
        (error as? DatabaseError).map { $0.message ?? "\($0.resultCode)" }
            ?? (error as? StoreError)?.description
            ?? FileError(.read, "", wrapping: error).reason
    }

    /// Runs `body` while no other process opens or renames this database.
    private static func withLock<Result>(_ path: String, _ body: () throws -> Result) throws
        -> Result
    {
        let lock = try FileLock(path: path + ".lock", failing: failure(path))
        defer { _ = lock }
        return try body()
    }
}

extension DatabaseError {
    /// Whether the database file is corrupt or not a database.
    var isDamage: Bool {
        resultCode.primaryResultCode == .SQLITE_CORRUPT
            || resultCode.primaryResultCode == .SQLITE_NOTADB
    }
}
