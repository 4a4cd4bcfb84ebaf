import Encoders
import Media
public import Pipeline
import Reward
import Scoring
import Synchronization

/// Scores what is in a queue, on a thread of its own, with a model that can be replaced without losing a call.
///
/// Decoding and encoding overlap as in `ganrm score`, whose rows these are.
public final class ScoringEngine: Sendable {
    let queue = ScoringQueue()
    private let load: @Sendable () throws -> InputScoring
    private let current: Mutex<InputScoring>
    /// The model that takes over when the media that have begun are scored.
    private let successor = Mutex<InputScoring?>(nil)

    /// Loads the model and its encoders.
    ///
    /// - Parameter load: Reads the model anew each time it is called.
    /// - Throws: Errors of `load` and of loading an encoder.
    public init(_ load: @escaping @Sendable () throws -> InputScoring) throws {
        self.load = load
        current = Mutex(try Self.loaded(load))
    }

    /// A model whose encoders are loaded, too, so that the first call does not wait for them.
    private static func loaded(_ load: () throws -> InputScoring) throws -> InputScoring {
        let scoring = try load()
        for kind in scoring.scorer.model.encoders.keys {
            _ = try scoring.scorer.encoders.encoder(for: kind)
        }
        return scoring
    }

    private var scoring: InputScoring { current.withLock(\.self) }

    /// What tells the model in use from others.
    var modelLabels: [(key: String, value: String)] {
        let scorer = scoring.scorer
        return [
            ("name", scorer.name), ("fingerprint", scorer.model.shortFingerprint),
            ("precision", scorer.encoders.precision.rawValue), ("version", ganrmVersion),
        ]
    }

    /// Reads the model again, and scores with it what has not begun yet. If it cannot be read, the old one stays.
    ///
    /// - Throws: The errors of `init`.
    public func reload() throws {
        let scoring = try Self.loaded(load)
        successor.withLock { successor in
            successor = scoring
            queue.setPaused(true)
        }
    }

    /// Begins to work on the queue.
    ///
    /// - Returns: The thread, which ends when the queue is closed and empty.
    func start() throws(PipelineError) -> WorkerThread {
        try WorkerThread(stackSize: 8 << 20) { [self] in run() }
    }

    /// Works until the queue is closed and empty.
    private func run() {
        while true {
            let scoring = scoring
            do {
                try scoring.run(next: { [queue] in queue.next() }) { event in
                    if case .ended(_, let row) = event { queue.finish(row) }
                }
            } catch {
                // No input makes it throw; the calls that wait are answered.
                queue.fail(with: error)
            }
            let isReplaced = successor.withLock { successor in
                guard let next = successor.take() else { return false }
                current.withLock { $0 = next }
                queue.setPaused(false)
                return true
            }
            if !isReplaced, queue.isShutDown { return }
        }
    }
}
