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
/// `Degeneracy.allCases` plus 1). All values are little-endian.
enum InputRow {
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
            embeddings, checksum(clips, embeddings),
        ])
    }

    /// Parses a row; nil if its checksum or its structure is wrong.
    static func input(_ row: Row) -> EncodedInput? {
        guard let kind = MediaKind(rawValue: row["kind"]) else { return nil }
        let clips: Data = row["clips"]
        let embeddings: Data = row["embeddings"]
        let count: Int = row["clip_count"]
        guard checksum(clips, embeddings) == row["checksum"],
            let encoded = unpack(clips, embeddings, count: count)
        else { return nil }
        let info = MediaInfo(
            kind: kind, width: row["width"], height: row["height"], frameRate: row["frame_rate"],
            durationSeconds: row["promised_seconds"], formatName: row["format"],
            codecName: row["codec"])
        return EncodedInput(
            summary: ReadSummary(
                info: info, frameCount: row["frames"], durationSeconds: row["seconds"],
                truncation: row["truncation"]),
            clips: encoded)
    }

    /// Days since 1970.
    static var today: Int { Int(Date().timeIntervalSince1970 / 86_400) }

    /// CRC-32 over both columns.
    private static func checksum(_ parts: Data...) -> Int64 {
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
        guard count > 0 else { return clips.isEmpty && embeddings.isEmpty ? [] : nil }
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
                    let length = next(Int64.self), 0...(1 << 20) ~= length
                else { return nil }
                var indices: [Int] = []
                indices.reserveCapacity(Int(length))
                for _ in 0..<length {
                    guard let index = next(Int64.self) else { return nil }
                    indices.append(Int(index))
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
