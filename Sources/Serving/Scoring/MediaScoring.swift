import Metrics
import Pipeline
import Scoring

/// What turns the media of a queue into rows, in this process or in a worker.
protocol MediaScoring: Sendable {
    /// Works until there are no more media.
    ///
    /// - Parameters:
    ///   - next: Returns the next medium; nil at the end and, unless it is to wait, if there is none yet.
    ///   - finish: Called with the row of each medium, in order.
    func score(
        next: @escaping @Sendable (_ waits: Bool) -> Request?, _ finish: (ScoreRow) -> Void
    ) throws
}

extension InputScoring: MediaScoring {
    func score(
        next: @escaping @Sendable (_ waits: Bool) -> Request?, _ finish: (ScoreRow) -> Void
    ) throws {
        try run(next: { next(true) }) { event in
            if case .ended(_, let row) = event { finish(row) }
        }
    }
}

/// Metrics of media. Used by one thread at a time.
struct MetricScoring: MediaScoring, @unchecked Sendable {
    let evaluation: MetricEvaluation

    /// Enough that decoding and encoding overlap, and few enough that a call does not hold up the others.
    private static let chunkCount = 4

    func score(
        next: @escaping @Sendable (_ waits: Bool) -> Request?, _ finish: (ScoreRow) -> Void
    ) throws {
        try evaluation.run(next: next, chunkCount: Self.chunkCount) { finish($1) }
    }
}
