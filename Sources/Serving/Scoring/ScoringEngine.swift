import Dispatch
import Encoders
import Foundation
import Media
public import Pipeline
import Reward
import Scoring
import Synchronization

/// Scores what is in a queue, on a thread of its own, with a model that can be replaced without losing a call.
///
/// Decoding and encoding overlap as in `ganrm score`, whose rows these are.
public final class ScoringEngine: Sendable {
    /// Reads a reward model: that of a path, or the server's own if it is nil.
    public typealias Load = @Sendable (_ model: String?) throws -> InputScoring

    /// What is computed.
    enum Kind: String {
        case reward, metrics
    }

    /// A model in memory, of this process or of a worker.
    struct Model: Sendable {
        let scoring: any MediaScoring
        /// What tells it from others.
        let labels: [(key: String, value: String)]
        /// The file that a client has sent, which a worker may open again.
        let upload: Upload?
    }

    let kind: Kind
    let metrics: ServiceMetrics
    let queue: ScoringQueue
    private let load: @Sendable (Upload?) throws -> Model
    private let current: Mutex<Model>
    /// The model that takes over when the media that have begun are scored.
    private let successor = Mutex<Model?>(nil)

    /// Loads the model and its encoders.
    ///
    /// - Parameters:
    ///   - isolation: How to start processes that decode and encode; nil for none.
    ///   - load: Called for each model.
    /// - Throws: Errors of `load` and of loading an encoder, and `ServingError.setting` if a worker does not start.
    public convenience init(isolation: Isolation? = nil, _ load: @escaping Load) throws {
        try self.init(
            .reward, counting: ServiceMetrics(), measuresStages: isolation == nil
        ) { upload in
            let scoring = try load(upload?.path)
            if isolation == nil { try scoring.loadEncoders() }
            return Model(
                scoring: try isolation.map { try IsolatedScoring($0, model: upload?.path) }
                    ?? scoring,
                labels: Self.labels(scoring.scorer), upload: upload)
        }
    }

    /// - Parameters:
    ///   - metrics: What counts the media.
    ///   - measuresStages: As for `ScoringQueue`.
    ///   - load: A model that is ready, so that the first call does not wait for it.
    init(
        _ kind: Kind, counting metrics: ServiceMetrics, measuresStages: Bool,
        _ load: @escaping @Sendable (Upload?) throws -> Model
    ) throws {
        self.kind = kind
        self.metrics = metrics
        self.load = load
        queue = ScoringQueue(metrics, measuresStages: measuresStages)
        current = Mutex(try load(nil))
    }

    let version = ganrmVersion

    /// The fingerprint of the model in use.
    var fingerprint: String {
        modelLabels.first { $0.key == Self.fingerprintLabel }?.value ?? ""
    }

    /// What tells the model in use from others.
    var modelLabels: [(key: String, value: String)] { current.withLock(\.labels) }

    private static let fingerprintLabel = "fingerprint"

    private static func labels(_ scorer: Scorer) -> [(key: String, value: String)] {
        [
            ("name", scorer.name), (fingerprintLabel, scorer.model.shortFingerprint),
            ("precision", scorer.encoders.precision.rawValue), ("version", ganrmVersion),
        ]
    }

    /// Reads the model again, and scores with it what has not begun yet. If it cannot be read, the old one stays.
    ///
    /// - Throws: The errors of `init`.
    public func reload() throws { _ = try replace(with: nil) }

    /// As `reload`, with a model that a client has sent, beside the threads that answer calls.
    ///
    /// - Returns: What tells the new model from others.
    /// - Throws: `ServingError.unscored` if it is no reward model that the server can use.
    func replaceModel(with upload: Upload?) async throws -> [(key: String, value: String)] {
        try await withCheckedThrowingContinuation { continuation in
            DispatchQueue.global().async { [self] in
                do {
                    continuation.resume(returning: try replace(with: upload))
                } catch {
                    let path = upload?.path ?? ""
                    let reason = "the old reward model stays: \(error)"
                    continuation.resume(
                        throwing: ServingError.unscored(
                            reason: path.isEmpty
                                ? reason : reason.replacingOccurrences(of: path, with: "upload")))
                }
            }
        }
    }

    private func replace(with upload: Upload?) throws -> [(key: String, value: String)] {
        let model = try load(upload)
        successor.withLock { successor in
            successor = model
            queue.setPaused(true)
        }
        return model.labels
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
            let model = current.withLock(\.self)
            do {
                try model.scoring.score(next: { [queue] in queue.next(waits: $0) }) {
                    queue.finish($0)
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
