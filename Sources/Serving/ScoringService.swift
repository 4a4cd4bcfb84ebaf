import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import Scoring
import TextFormats

/// What the protocols share: it takes bodies within limits and time, and has their media scored.
struct ScoringService: Sendable {
    let engine: ScoringEngine
    let settings: ServerSettings
    let budget: ByteBudget
    let metrics = ServiceMetrics()

    init(_ engine: ScoringEngine, _ settings: ServerSettings) {
        self.engine = engine
        self.settings = settings
        budget = ByteBudget(settings.queueBytes)
    }

    /// A body that is being received, and when the time for its answer is over.
    struct Call: Sendable {
        let body: RequestBody
        let deadline: ContinuousClock.Instant
        let bodyLimit: Int
    }

    /// Answers a call within its time, unless its client goes.
    ///
    /// - Throws: `ServingError`, `CancellationError`.
    func answer(
        _ request: Request, _ respond: @escaping @Sendable (Call) async throws -> Response
    ) async throws -> Response {
        let length = try Self.length(of: request)
        guard length ?? 0 <= settings.bodyLimit else {
            throw ServingError.tooLarge(limit: settings.bodyLimit)
        }
        let deadline = ContinuousClock.now + .seconds(try seconds(for: request))
        let (budget, limit) = (budget, settings.bodyLimit)
        var response = try await request.body.consumeWithCancellationOnInboundClose { body in
            try await Self.within(deadline) {
                try await budget.with(length ?? limit) {
                    try await respond(Call(body: body, deadline: deadline, bodyLimit: limit))
                }
            }
        }
        // A connection that is watched for its end serves no further request.
        response.headers[.connection] = "close"
        return response
    }

    private static func length(of request: Request) throws(ServingError) -> Int? {
        guard let text = request.headers[.contentLength] else { return nil }
        guard let length = Int(text), length >= 0 else {
            throw .badRequest(reason: "Content-Length is no number")
        }
        return length
    }

    /// Seconds that a call may take; a client that waits less says so.
    private func seconds(for request: Request) throws(ServingError) -> Double {
        guard let name = HTTPField.Name("X-Request-Timeout"), let text = request.headers[name]
        else { return settings.deadline }
        guard let seconds = Double(text), ServerSettings.seconds.contains(seconds) else {
            throw .badRequest(reason: "X-Request-Timeout is to be a number of seconds above 0")
        }
        return min(seconds, settings.deadline)
    }

    private static func within<Result: Sendable>(
        _ deadline: ContinuousClock.Instant, _ body: @escaping @Sendable () async throws -> Result
    ) async throws -> Result {
        try await withThrowingTaskGroup(of: Result.self) { group in
            group.addTask { try await body() }
            group.addTask {
                try await Task.sleep(until: deadline, clock: .continuous)
                throw ServingError.late
            }
            defer { group.cancelAll() }
            guard let result = try await group.next() else { throw ServingError.late }
            return result
        }
    }

    /// Scores media; those that are none fail without the others.
    ///
    /// - Parameter media: Uploads, or why there is none.
    /// - Returns: A row for each, in order.
    func rows(
        of media: [Result<Upload, ServingError>], for call: Call
    ) async throws -> [ScoreRow] {
        let uploads = media.compactMap { try? $0.get() }
        var scored = try await engine.queue.rows(of: uploads, until: call.deadline)[...]
        let rows = media.map { medium in
            switch medium {
            case .success: scored.popFirst() ?? Self.failure("the upload has no row")
            case .failure(let error): Self.failure(error.description)
            }
        }
        let failedCount = rows.count { $0.failure != nil }
        metrics.countItems(scored: rows.count - failedCount, failed: failedCount)
        return rows
    }

    private static func failure(_ reason: String) -> ScoreRow {
        var row = ScoreRow()
        row.input = "upload"
        row.failure = reason
        return row
    }
}

extension ScoringService.Call {
    /// Receives the body as an upload.
    func upload() async throws -> Upload {
        var writer = try UploadWriter()
        for try await piece in body {
            guard writer.byteCount + piece.readableBytes <= bodyLimit else {
                throw ServingError.tooLarge(limit: bodyLimit)
            }
            try piece.withUnsafeReadableBytes { bytes throws(ServingError) in
                try writer.append(bytes)
            }
        }
        return Upload(writer)
    }

    /// Receives the body as text.
    ///
    /// - Throws: `ServingError.badRequest` if it is not UTF-8.
    func text() async throws -> String {
        let buffer = try await buffer()
        guard let text = String(validating: buffer.readableBytesView, as: UTF8.self) else {
            throw ServingError.badRequest(reason: "the body is not UTF-8")
        }
        return text
    }

    /// Receives the body as it is.
    func data() async throws -> Data { Data(try await buffer().readableBytesView) }

    private func buffer() async throws -> ByteBuffer {
        var buffer = ByteBuffer()
        for try await piece in body {
            guard buffer.readableBytes + piece.readableBytes <= bodyLimit else {
                throw ServingError.tooLarge(limit: bodyLimit)
            }
            buffer.writeImmutableBuffer(piece)
        }
        return buffer
    }

    /// Receives the body as JSON.
    ///
    /// - Throws: `ServingError.badRequest` if it is none.
    func json() async throws -> JSONValue {
        let text = try await text()
        do throws(JSONValue.ParseError) {
            return try JSONValue(parsing: text)
        } catch {
            throw ServingError.badRequest(reason: "the body is not JSON: \(error)")
        }
    }
}

extension Upload {
    /// The media in base64, with or without white space.
    ///
    /// - Throws: `ServingError.badRequest`.
    convenience init(base64: String, name: String) throws(ServingError) {
        guard let data = Data(base64Encoded: base64, options: .ignoreUnknownCharacters),
            !data.isEmpty
        else { throw .badRequest(reason: "\(name) is not base64") }
        try self.init(data)
    }
}

extension Response {
    /// An answer of JSON.
    init(json: JSONValue, status: HTTPResponse.Status = .ok) {
        self.init(text: "\(json)\n", type: "application/json", status: status)
    }

    init(text: String, type: String, status: HTTPResponse.Status = .ok) {
        self.init(
            status: status, headers: [.contentType: type],
            body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }

    /// The answer to a call that failed as a whole.
    init(_ error: ServingError) {
        let (status, retryAfter): (HTTPResponse.Status, Int?) =
            switch error {
            case .badRequest: (.badRequest, nil)
            case .tooLarge: (.contentTooLarge, nil)
            case .hopeless(let seconds): (.serviceUnavailable, seconds)
            case .late, .draining, .noSpace: (.serviceUnavailable, 5)
            case .setting: (.internalServerError, nil)
            }
        self.init(json: ["error": .string(error.description)], status: status)
        headers[.retryAfter] = retryAfter.map(String.init)
        // What is still to come of the body is not read.
        if status == .contentTooLarge { headers[.connection] = "close" }
    }
}
