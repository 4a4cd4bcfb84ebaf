internal import CZlib
internal import Foundation
internal import Frames
internal import GRDB
internal import Media

/// Serialization of an encoded input as a row of the table `input`.
///
/// Column `embeddings` holds the clips' embeddings, concatenated, F32. Column `clips` holds for
/// each clip its start and end in seconds (F64, NaN if unknown), its frame indices (a count, then
/// the values, I64) and its degeneracy (I64: 0 for none, otherwise the index in
/// `Degeneracy.allCases` plus 1). All values are little-endian. Column `checksum` is the CRC-32 of
/// these two columns, in rows of ganrm 0.1.0; in later rows it is 2^32 plus the CRC-32 of both and of
/// all other columns except `used`.
enum InputRow {
    /// Valid numbers of pixels of a side; 0 for synthetic clips.
    static let sides = 0...1 << 30
    static let frameCounts = 0...1 << 40
    static let clipCounts = 1...1 << 24
    /// Days since 1970.
    static let days = 0...1_000_000
    /// Bytes of a SHA-256.
    static let digestSize = 32

    static func insert(
        _ input: EncodedInput, content: Data, recipe: Int64, _ db: Database
    ) throws {
        let clips = pack(input.clips)
        var embeddings = Data()
        embeddings.reserveCapacity(input.clips.reduce(0) { $0 + 4 * $1.embedding.count })
        for clip in input.clips {
            clip.embedding.withUnsafeBytes { embeddings.append(contentsOf: $0) }
        }
        let info = input.summary.info
        let statement = try db.cachedStatement(
            sql: """
                INSERT OR REPLACE INTO input(
                    content, recipe, used, kind, width, height, frame_rate, promised_seconds, format,
                    codec, frames, seconds, truncation, clip_count, clips, embeddings, checksum)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """)
        try statement.execute(arguments: [
            content, recipe, today, info.kind.rawValue, info.width, info.height, info.frameRate,
            info.durationSeconds, info.formatName, info.codecName, input.summary.frameCount,
            input.summary.durationSeconds, input.summary.truncation, input.clips.count, clips,
            embeddings,
            Int64(1) << 32
                + checksum(
                    clips, embeddings, document(of: input.summary, content: content, recipe: recipe)
                ),
        ])
    }

    /// Parses a row of the table.
    ///
    /// - Parameter width: Number of values of its embeddings; nil accepts any.
    /// - Throws: `StoredColumns.Damage` if a column or the checksum is wrong.
    static func input(
        _ row: Row, width: Int? = nil
    ) throws(StoredColumns.Damage) -> EncodedInput {
        let columns = StoredColumns(row, table: "input")
        guard let kind = MediaKind(rawValue: try columns.text("kind")) else {
            throw columns.damage("kind", "no kind of input")
        }
        let info = MediaInfo(
            kind: kind, width: try columns.integer("width", in: sides),
            height: try columns.integer("height", in: sides),
            frameRate: try columns.number("frame_rate"),
            durationSeconds: try columns.number("promised_seconds"),
            formatName: try columns.text("format"), codecName: try columns.text("codec"))
        let summary = ReadSummary(
            info: info, frameCount: try columns.integer("frames", in: frameCounts),
            durationSeconds: try columns.number("seconds"),
            truncation: columns.isNull("truncation") ? nil : try columns.text("truncation"))
        let clips = try columns.blob("clips")
        let embeddings = try columns.blob("embeddings")
        let content = try columns.blob("content", count: digestSize)
        let recipe = try columns.integer("recipe", in: 0...Int.max)
        let stored = try columns.integer("checksum", in: 0...Int.max)
        let sum =
            stored <= UInt32.max
            ? checksum(clips, embeddings)
            : Int64(1) << 32
                + checksum(
                    clips, embeddings,
                    document(of: summary, content: content, recipe: Int64(recipe)))
        guard sum == stored else { throw columns.damage("checksum", "another checksum") }
        let count = try columns.integer("clip_count", in: clipCounts)
        guard let encoded = unpack(clips, embeddings, count: count) else {
            throw columns.damage("clips", "other clips than it counts")
        }
        let input = EncodedInput(summary: summary, clips: encoded)
        guard input.isFinite else { throw columns.damage("embeddings", "infinities or NaNs") }
        guard width == nil || encoded.allSatisfy({ $0.embedding.count == width }) else {
            throw columns.damage("embeddings", "embeddings of another width")
        }
        return input
    }

    /// Days since 1970.
    static var today: Int { Int(Date().timeIntervalSince1970 / 86_400) }

    /// The columns other than `clips`, `embeddings` and `used`, for the checksum.
    private static func document(of summary: ReadSummary, content: Data, recipe: Int64) -> Data {
        let info = summary.info
        let columns: [String] = [
            content.base64EncodedString(), "\(recipe)", info.kind.rawValue, "\(info.width)",
            "\(info.height)", info.frameRate.map { "\($0)" } ?? "",
            info.durationSeconds.map { "\($0)" } ?? "", info.formatName, info.codecName,
            "\(summary.frameCount)", summary.durationSeconds.map { "\($0)" } ?? "",
            summary.truncation ?? "",
        ]
        return Data(columns.joined(separator: "\0").utf8)
    }

    /// CRC-32 over all parts.
    static func checksum(_ parts: Data...) -> Int64 {
        var sum = crc32(0, nil, 0)
        for part in parts {
            part.withUnsafeBytes { bytes in
                guard let base = bytes.bindMemory(to: UInt8.self).baseAddress else { return }
                sum = crc32(sum, base, UInt32(bytes.count))
            }
        }
        return Int64(sum)
    }

    private static func pack(_ clips: [EncodedClip]) -> Data {
        var packed = Data()
        for clip in clips {
            append(clip.startSeconds ?? .nan, to: &packed)
            append(clip.endSeconds ?? .nan, to: &packed)
            append(Int64(clip.indices.count), to: &packed)
            for index in clip.indices { append(Int64(index), to: &packed) }
            append(code(of: clip.degeneracy), to: &packed)
        }
        return packed
    }

    private static func code(of degeneracy: Degeneracy?) -> Int64 {
        degeneracy.flatMap { Degeneracy.allCases.firstIndex(of: $0) }.map { Int64($0) + 1 } ?? 0
    }

    private static func append<Value>(_ value: Value, to data: inout Data) {
        withUnsafeBytes(of: value) { data.append(contentsOf: $0) }
    }

    private static func unpack(_ clips: Data, _ embeddings: Data, count: Int) -> [EncodedClip]? {
        // Keeps the loop below in proportion to the columns: a clip has at least 32 bytes.
        guard count <= clips.count / 32 else { return nil }
        guard embeddings.count.isMultiple(of: 4 * count) else { return nil }
        let width = embeddings.count / (4 * count)
        return clips.withUnsafeBytes { bytes in
            var offset = 0
            func next<Value: BitwiseCopyable>(_: Value.Type) -> Value? {
                guard offset + 8 <= bytes.count else { return nil }
                defer { offset += 8 }
                return bytes.loadUnaligned(fromByteOffset: offset, as: Value.self)
            }
            var encoded: [EncodedClip] = []
            for clip in 0..<count {
                guard let start = next(Double.self), let end = next(Double.self),
                    !start.isInfinite, !end.isInfinite,
                    let stored = next(Int64.self), let length = Int(exactly: stored),
                    length > 0, length <= (bytes.count - offset) / 8
                else { return nil }
                var indices: [Int] = []
                indices.reserveCapacity(length)
                for _ in 0..<length {
                    guard let stored = next(Int64.self), let index = Int(exactly: stored),
                        frameCounts.contains(index)
                    else { return nil }
                    indices.append(index)
                }
                let reasons: [Degeneracy?] = [nil] + Degeneracy.allCases
                guard let code = next(Int64.self), let reasonIndex = Int(exactly: code),
                    reasons.indices.contains(reasonIndex)
                else { return nil }
                let embedding = embeddings.withUnsafeBytes { values in
                    [Float](unsafeUninitializedCapacity: width) { buffer, filled in
                        UnsafeMutableRawBufferPointer(buffer).copyMemory(
                            from: UnsafeRawBufferPointer(
                                rebasing: values[4 * width * clip..<4 * width * (clip + 1)]))
                        filled = width
                    }
                }
                encoded.append(
                    EncodedClip(
                        indices: indices, startSeconds: start.isNaN ? nil : start,
                        endSeconds: end.isNaN ? nil : end, embedding: embedding,
                        degeneracy: reasons[reasonIndex]))
            }
            return offset == bytes.count ? encoded : nil
        }
    }
}
