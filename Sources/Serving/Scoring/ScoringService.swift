import Foundation
import HTTPTypes
import Hummingbird
import Media
import NIOCore
import Scoring
import SystemPackage
import TextFormats

/// What the protocols share: it takes bodies within limits and time, and has their media scored.
struct ScoringService: Sendable {
    let engine: ScoringEngine
    /// Nil if there are none.
    let metrics: ServedMetrics?
    let settings: ServerSettings
    let budget: ByteBudget
    let files: AllowedFiles

    init(_ engine: ScoringEngine, metrics: ServedMetrics?, _ settings: ServerSettings) {
        self.engine = engine
        self.metrics = metrics
        self.settings = settings
        budget = ByteBudget(settings.queueBytes)
        files = AllowedFiles(settings.allowedFolders)
    }

    /// A body that is being received, and when the time for its answer is over.
    struct Call {
        var body: BodyReader
        let deadline: ContinuousClock.Instant
    }

    /// Answers a call within its time, unless its client goes.
    ///
    /// - Throws: `ServingError`, `CancellationError`.
    func answer(
        _ request: Request, _ respond: @escaping @Sendable (inout Call) async throws -> Response
    ) async throws -> Response {
        let length = try Self.length(of: request)
        guard length ?? 0 <= settings.bodyLimit else {
            throw ServingError.tooLarge(limit: settings.bodyLimit)
        }
        let deadline = ContinuousClock.now + .seconds(try seconds(for: request))
        let (budget, limit) = (budget, settings.bodyLimit)
        return try await request.body.consumeWithCancellationOnInboundClose { body in
            try await Self.within(deadline) {
                try await budget.with { share in
                    var call = Call(
                        body: BodyReader(body, share, limit: limit), deadline: deadline)
                    do {
                        return try await respond(&call)
                    } catch let error as Errno {
                        throw ServingError.noSpace(reason: error.description)
                    }
                }
            }
        }
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
        guard let text = request.headers[.name("X-Request-Timeout")] else {
            return settings.deadline
        }
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

    /// Scores media by the reward model; those that are none fail without the others.
    ///
    /// - Parameter media: Uploads, or why there is none.
    /// - Returns: A row for each, in order.
    func rows(
        of media: [Result<Upload, ServingError>], for call: Call
    ) async throws -> [ScoreRow] {
        try await rows(
            of: media.map { $0.map { Medium(upload: $0) } }, by: engine, until: call.deadline)
    }

    /// As for a reward model, by any engine.
    func rows(
        of media: [Result<Medium, ServingError>], by engine: ScoringEngine,
        until deadline: ContinuousClock.Instant
    ) async throws -> [ScoreRow] {
        let usable = media.compactMap { try? $0.get() }
        var scored = try await engine.queue.rows(of: usable, until: deadline)[...]
        let rows = media.map { medium in
            switch medium {
            case .success: scored.popFirst() ?? Self.failure("the upload has no row")
            case .failure(let error): Self.failure(error.description)
            }
        }
        engine.metrics.count(rows, of: engine.kind)
        return rows
    }

    /// The logits of rows that all have one.
    ///
    /// - Parameter name: That of the list of media, for errors.
    /// - Throws: `ServingError.unscored` for a row without a score.
    func logits(of rows: [ScoreRow], as name: String) throws(ServingError) -> [Double] {
        var logits: [Double] = []
        for (index, row) in rows.enumerated() {
            guard let logit = row.logit, row.failure == nil else {
                throw .unscored(
                    reason: "\(name)[\(index)]: \(row.failure ?? "there is no score")")
            }
            logits.append(logit)
        }
        return logits
    }

    private static func failure(_ reason: String) -> ScoreRow {
        var row = ScoreRow()
        row.input = "upload"
        row.failure = reason
        return row
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
            case .gone: (.init(code: 499, reasonPhrase: "Client Closed Request"), nil)
            case .unscored: (.unprocessableContent, nil)
            case .setting: (.internalServerError, nil)
            }
        self.init(json: ["error": .string(error.description)], status: status)
        headers[.retryAfter] = retryAfter.map(String.init)
    }
}
