import Crypto
public import Encoders
internal import Files
internal import Foundation
internal import GRDB
internal import Tokenizers

/// Embeddings of prompts, keyed by what an encoder sees of a prompt: its symbols.
extension EmbeddingStore {
    static let textTable = """
        CREATE TABLE IF NOT EXISTS text(
            content BLOB PRIMARY KEY, used INTEGER NOT NULL, embedding BLOB NOT NULL,
            checksum INTEGER NOT NULL) WITHOUT ROWID
        """

    /// Embeds prompts; those that were embedded before are looked up.
    ///
    /// - Returns: One embedding per prompt, in order, not normalized.
    /// - Throws: `EncoderError`.
    public func embeddings(
        of prompts: [String], by encoder: TextEncoder
    ) throws(EncoderError) -> [TextEmbedding] {
        let tokens = prompts.map { encoder.tokenizer.tokens(of: $0) }
        let recipe = Self.recipe(of: encoder)
        let keys = tokens.map { Self.key(of: $0, recipe) }
        var vectors = textVectors(keys, width: encoder.identity.embeddingWidth)
        let missing = tokens.indices.filter { vectors[keys[$0]] == nil }
        let made = try encoder.embed(missing.map { tokens[$0] })
        for (index, embedding) in zip(missing, made) { vectors[keys[index]] = embedding.vector }
        // Weights that are too large give infinities, which are told each time.
        let sound = zip(missing, made).filter { encoder.problem(of: $1) == nil }
        insertTexts(sound.map { (keys[$0], $1.vector) })
        return zip(keys, tokens).map { key, tokens in
            guard let vector = vectors[key] else { preconditionFailure("every prompt is embedded") }
            return TextEmbedding(vector: vector, tokens: tokens)
        }
    }

    /// Everything that an embedding depends on besides the symbols.
    private static func recipe(of encoder: TextEncoder) -> String {
        let parts = ["text", encoder.fingerprint, encoder.precision.rawValue]
        return (parts + ["kernels \(ComputeKernels.revision)"]).joined(separator: " ")
    }

    private static func key(of tokens: TokenizedText, _ recipe: String) -> Data {
        let symbols = tokens.ids.map(String.init).joined(separator: " ")
        return Data(SHA256.hash(data: Data("\(recipe)\n\(symbols)".utf8)))
    }

    private func textVectors(_ keys: [Data], width: Int) -> [Data: [Float]] {
        let today = InputRow.today
        var (found, broken, idle): ([Data: [Float]], [Data], [Data]) = ([:], [], [])
        _ = read { db in
            let statement = try db.cachedStatement(
                sql: "SELECT used, embedding, checksum FROM text WHERE content = ?")
            for key in Set(keys) {
                guard let row = try Row.fetchOne(statement, arguments: [key]) else { continue }
                do throws(StoredColumns.Damage) {
                    let columns = StoredColumns(row, table: "text")
                    found[key] = try Self.vector(of: columns, key: key, width: width)
                    let used = try columns.integer("used", in: InputRow.days)
                    if today - used >= Self.usageResolutionDays { idle.append(key) }
                } catch {
                    report("\(error); it is encoded again")
                    broken.append(key)
                }
            }
        }
        for key in broken { found[key] = nil }
        if !idle.isEmpty || !broken.isEmpty {
            write { db in
                for key in broken {
                    try db.execute(sql: "DELETE FROM text WHERE content = ?", arguments: [key])
                }
                for key in idle {
                    try db.execute(
                        sql: "UPDATE text SET used = ? WHERE content = ?", arguments: [today, key])
                }
            }
        }
        return found
    }

    private func insertTexts(_ texts: [(key: Data, vector: [Float])]) {
        guard !texts.isEmpty else { return }
        write { db in
            for (key, vector) in texts {
                let bytes = vector.withUnsafeBytes { Data($0) }
                try db.execute(
                    sql: """
                        INSERT OR REPLACE INTO text(content, used, embedding, checksum)
                        VALUES (?, ?, ?, ?)
                        """,
                    arguments: [key, InputRow.today, bytes, InputRow.checksum(key, bytes)])
            }
        }
    }

    /// - Parameter width: Nil for any.
    static func vector(
        of columns: StoredColumns, key: Data, width: Int?
    ) throws(StoredColumns.Damage) -> [Float] {
        let bytes = try columns.blob("embedding")
        guard bytes.count.isMultiple(of: 4), bytes.count / 4 == width ?? bytes.count / 4 else {
            throw columns.damage("embedding", "another length")
        }
        let sum = try columns.integer("checksum", in: 0...Int.max)
        guard InputRow.checksum(key, bytes) == Int64(sum) else {
            throw columns.damage("checksum", "another checksum")
        }
        return bytes.withUnsafeBytes { bytes in
            (0..<bytes.count / 4).map {
                bytes.loadUnaligned(fromByteOffset: 4 * $0, as: Float.self)
            }
        }
    }

    /// Checks the embeddings of all prompts and removes damaged ones.
    ///
    /// - Returns: Numbers of valid rows and of removed rows.
    func verifyTexts() throws(StoreError) -> (sound: Int, removed: Int) {
        let rows = try must { db in
            try Row.fetchAll(db, sql: "SELECT content, used, embedding, checksum FROM text")
        }
        var broken: [DatabaseValue] = []
        for row in rows {
            do throws(StoredColumns.Damage) {
                let columns = StoredColumns(row, table: "text")
                _ = try Self.vector(of: columns, key: try columns.blob("content"), width: nil)
                _ = try columns.integer("used", in: InputRow.days)
            } catch {
                report("\(error); it was removed")
                broken.append(row["content"])
            }
        }
        if !broken.isEmpty {
            write { db in
                for key in broken {
                    try db.execute(sql: "DELETE FROM text WHERE content = ?", arguments: [key])
                }
            }
        }
        return (rows.count - broken.count, broken.count)
    }
}
