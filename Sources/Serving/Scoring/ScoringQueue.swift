import DequeModule
import Foundation
import Media
import Pipeline
import Scoring

/// The media that wait for the encoder, by call.
///
/// Calls take turns, so that a call with a thousand videos does not make one with a single video wait for all of them. A
/// call ends when each of its media has a row, when its time is over, or when its client has gone: what has not begun
/// then is dropped.
final class ScoringQueue: @unchecked Sendable {
    private struct Call {
        var waiting: Deque<(index: Int, medium: Medium)>
        var rows: [ScoreRow?]
        var pendingCount: Int
        let since = ContinuousClock.now
        let continuation: CheckedContinuation<[ScoreRow], any Error>
    }

    /// A medium that is being decoded or encoded.
    private struct Running {
        var call: UInt64
        var index: Int
        var upload: Upload
        var since: ContinuousClock.Instant
        /// When the next medium was asked for; nil before that.
        var decoded: ContinuousClock.Instant?
    }

    private let metrics: ServiceMetrics
    private let measuresStages: Bool
    private let condition = NSCondition()
    // `condition` guards the following properties.
    private var calls: [UInt64: Call] = [:]
    /// Calls with waiting media, the next one first.
    private var turns: Deque<UInt64> = []
    /// In the order in which they were taken, which is that of their rows.
    private var running: Deque<Running> = []
    private var lastCall: UInt64 = 0
    private var waitingCount = 0
    private var isPaused = false
    private var isClosed = false
    private var lastEnd: ContinuousClock.Instant?
    /// Seconds of work on the last items, and their number; older ones count less.
    private var recent = (seconds: 0.0, count: 0.0)

    /// Weight of an item after the next one. Rows may come several at a time, after the time of all.
    private static let olderShare = 0.98
    /// Items whose time is known before a call may be refused: the first ones take longer.
    private static let fewestItems = 8.0

    /// 0 if it is not known yet.
    private var secondsPerItem: Double {
        recent.count < Self.fewestItems * Self.olderShare ? 0 : recent.seconds / recent.count
    }

    /// - Parameter measuresStages: Whether `next` is called when a medium is decoded, so that its times are known.
    init(_ metrics: ServiceMetrics, measuresStages: Bool) {
        self.metrics = metrics
        self.measuresStages = measuresStages
    }

    /// Whether there are no new calls.
    var isShutDown: Bool { condition.withLock { isClosed } }

    /// What waits and what is being worked on.
    var depth: (waiting: Int, running: Int) {
        condition.withLock { (waitingCount, running.count) }
    }

    // MARK: Calls

    /// Scores media.
    ///
    /// - Parameter deadline: When the call's time is over.
    /// - Returns: A row for each medium, in order, with a score or an error.
    /// - Throws: `ServingError.hopeless`, `.draining`, and `CancellationError` if the task is cancelled, which the caller
    ///   does when the time is over.
    func rows(
        of media: [Medium], until deadline: ContinuousClock.Instant
    ) async throws -> [ScoreRow] {
        guard !media.isEmpty else { return [] }
        let call = try reserve(media.count, until: deadline)
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                add(media, as: call, continuation)
                // The handler may have been called before there was anything to end.
                if Task.isCancelled { end(call, with: CancellationError()) }
            }
        } onCancel: {
            end(call, with: CancellationError())
        }
    }

    /// The number of a new call, unless it would be answered too late.
    private func reserve(
        _ count: Int, until deadline: ContinuousClock.Instant
    ) throws(ServingError) -> UInt64 {
        condition.lock()
        defer { condition.unlock() }
        guard !isClosed else { throw .draining }
        let left = (deadline - .now) / .seconds(1)
        // Since calls take turns, no other has more media before this one's last than it has itself.
        let others = calls.values.reduce(0) { $0 + min($1.waiting.count, count) }
        let wait = Double(running.count + others + count) * secondsPerItem
        guard wait <= left else { throw .hopeless(retryAfter: max(1, Int(wait - left) + 1)) }
        lastCall += 1
        return lastCall
    }

    private func add(
        _ media: [Medium], as call: UInt64,
        _ continuation: CheckedContinuation<[ScoreRow], any Error>
    ) {
        condition.withLock {
            guard !isClosed else { return continuation.resume(throwing: ServingError.draining) }
            calls[call] = Call(
                waiting: Deque(media.enumerated().map { ($0, $1) }),
                rows: Array(repeating: nil, count: media.count), pendingCount: media.count,
                continuation: continuation)
            waitingCount += media.count
            turns.append(call)
            condition.broadcast()
        }
    }

    /// Ends a call that has not all its rows.
    private func end(_ number: UInt64, with error: any Error) {
        condition.withLock {
            guard let call = calls.removeValue(forKey: number) else { return }
            waitingCount -= call.waiting.count
            turns.removeAll { $0 == number }
            call.continuation.resume(throwing: error)
        }
    }

    // MARK: Work

    /// The next medium, of the call whose turn it is.
    ///
    /// - Parameter waits: Whether to wait for one.
    /// - Returns: Nil while the queue is paused, once it is closed and empty, and if there is none and it does not wait.
    func next(waits: Bool) -> Request? {
        condition.lock()
        defer { condition.unlock() }
        // The medium that was taken last, unless it has its row already.
        if measuresStages, let item = running.last, item.decoded == nil {
            let now = ContinuousClock.now
            running[running.count - 1].decoded = now
            metrics.observe(.decode, from: item.since, to: now)
        }
        while true {
            if isPaused { return nil }
            if let number = turns.popFirst() {
                guard let call = calls[number], let item = calls[number]?.waiting.popFirst()
                else { continue }
                let now = ContinuousClock.now
                metrics.observe(.queue, from: call.since, to: now)
                waitingCount -= 1
                if calls[number]?.waiting.isEmpty == false { turns.append(number) }
                running.append(
                    Running(
                        call: number, index: item.index, upload: item.medium.upload, since: now))
                return item.medium.request
            }
            if isClosed || !waits { return nil }
            condition.wait()
        }
    }

    /// Keeps the row of a medium, and answers its call if that was the last one.
    func finish(_ row: ScoreRow) {
        condition.withLock {
            guard let item = running.popFirst() else { return }
            let path = item.upload.path
            let now = ContinuousClock.now
            let since = max(item.since, lastEnd ?? item.since)
            lastEnd = now
            if let decoded = item.decoded { metrics.observe(.encode, from: decoded, to: now) }
            recent.seconds = recent.seconds * Self.olderShare + (now - since) / .seconds(1)
            recent.count = recent.count * Self.olderShare + 1
            guard var call = calls[item.call] else { return }
            call.rows[item.index] = row.naming("upload", insteadOf: path)
            call.pendingCount -= 1
            guard call.pendingCount == 0 else {
                calls[item.call] = call
                return
            }
            calls[item.call] = nil
            call.continuation.resume(returning: call.rows.compactMap(\.self))
        }
    }

    /// Fails all calls, and those to come, whose media are being worked on by an engine that has stopped.
    func fail(with error: any Error) {
        for number in condition.withLock({ Array(calls.keys) }) { end(number, with: error) }
        condition.withLock { running.removeAll() }
    }

    /// Whether `next` returns nil, so that the engine finishes what has begun.
    func setPaused(_ value: Bool) {
        condition.withLock {
            isPaused = value
            condition.broadcast()
        }
    }

    /// Takes no new calls; those that wait are still worked on.
    func close() {
        condition.withLock {
            isClosed = true
            condition.broadcast()
        }
    }
}

extension ScoreRow {
    /// The row with a name in place of a path, which is the server's own.
    fileprivate func naming(_ name: String, insteadOf path: String) -> ScoreRow {
        var row = self
        row.input = name
        row.failure = failure?.replacingOccurrences(of: path, with: name)
        row.truncation = truncation?.replacingOccurrences(of: path, with: name)
        return row
    }
}
