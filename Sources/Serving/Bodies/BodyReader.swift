import Hummingbird
import Media
import NIOCore

/// Reads a body from beginning to end, within its limit.
struct BodyReader {
    private var body: RequestBody.AsyncIterator
    /// What has arrived and was not read yet.
    private var piece = ByteBuffer()
    private let share: ByteBudget.Share
    private let limit: Int
    /// Bytes read so far.
    private(set) var byteCount = 0

    /// - Parameters:
    ///   - share: What takes the bytes that arrive.
    ///   - limit: Most bytes.
    init(_ body: RequestBody, _ share: ByteBudget.Share, limit: Int) {
        self.body = body.makeAsyncIterator()
        self.share = share
        self.limit = limit
    }

    /// The next bytes; nil at the end.
    ///
    /// - Parameter count: Most bytes.
    /// - Throws: `ServingError.tooLarge`, and errors of the connection.
    mutating func next(upTo count: Int = .max) async throws -> ByteBuffer? {
        while piece.readableBytes == 0 {
            guard let next = try await body.next() else { return nil }
            try await share.take(next.readableBytes)
            piece = next
        }
        guard let bytes = piece.readSlice(length: min(count, piece.readableBytes)) else {
            return nil
        }
        byteCount += bytes.readableBytes
        guard byteCount <= limit else { throw ServingError.tooLarge(limit: limit) }
        return bytes
    }

    /// All bytes that are left.
    mutating func rest() async throws -> ByteBuffer {
        var bytes = ByteBuffer()
        while let piece = try await next() { bytes.writeImmutableBuffer(piece) }
        return bytes
    }

    /// Exactly `count` bytes.
    ///
    /// - Throws: `ServingError.badRequest` if there are fewer.
    mutating func bytes(_ count: Int) async throws -> ByteBuffer {
        var bytes = ByteBuffer()
        try await read(count) { bytes.writeImmutableBuffer($0) }
        return bytes
    }

    /// Leaves out the next `count` bytes.
    mutating func skip(_ count: Int) async throws { try await read(count) { _ in } }

    /// Writes the next `count` bytes to an upload.
    mutating func append(_ count: Int, to writer: inout UploadWriter) async throws {
        try await read(count) { try writer.append($0.readableBytesView) }
    }

    /// An upload of the next `count` bytes; of all that are left if it is nil.
    ///
    /// - Parameter frameRate: Of a video that states none; see `Upload`.
    mutating func upload(_ count: Int? = nil, frameRate: String? = nil) async throws -> Upload {
        var writer = try UploadWriter()
        if let count {
            try await append(count, to: &writer)
        } else {
            while let piece = try await next() { try writer.append(piece.readableBytesView) }
        }
        return Upload(writer, frameRate: frameRate)
    }

    private mutating func read(_ count: Int, _ body: (ByteBuffer) throws -> Void) async throws {
        var left = count
        while left > 0 {
            guard let piece = try await next(upTo: left) else {
                throw ServingError.badRequest(reason: "the body ends too early")
            }
            left -= piece.readableBytes
            try body(piece)
        }
    }
}
