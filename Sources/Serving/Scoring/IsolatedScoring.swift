import DequeModule
import Dispatch
import Pipeline
import Scoring
import Synchronization

/// Scores media in a worker process, so that a crash of a decoder ends that process and not the server.
///
/// The worker has the next medium while it encodes one, so that both overlap. Those that it had when it ended are tried
/// again, one at a time: the one that ends the next worker, too, fails, and no other.
final class IsolatedScoring: MediaScoring {
    private struct State {
        var worker: WorkerProcess
        /// What the worker has, first to last.
        var pending: Deque<Request> = []
    }

    private let isolation: Isolation
    private let model: String?
    private let state: Mutex<State>

    /// Media that the worker has at a time.
    private static let window = 2

    /// Starts a worker.
    ///
    /// - Parameter model: The path of the reward model; nil for that of the arguments.
    /// - Throws: `ServingError.setting`.
    init(_ isolation: Isolation, model: String?) throws {
        self.isolation = isolation
        self.model = model
        state = Mutex(State(worker: try WorkerProcess(isolation, model: model)))
    }

    /// - Throws: `PipelineError.thread`.
    func score(
        next: @escaping @Sendable (_ waits: Bool) -> Request?, _ finish: (ScoreRow) -> Void
    ) throws {
        // A semaphore must not end below the value that it began with.
        let free = DispatchSemaphore(value: 0)
        for _ in 0..<Self.window { free.signal() }
        let arrived = DispatchSemaphore(value: 0)
        let feeder = try WorkerThread(stackSize: 1 << 20) { [self] in
            while true {
                free.wait()
                guard let request = next(true) else { break }
                state.withLock { state in
                    state.pending.append(request)
                    state.worker.send(ScoringWorker.line(of: request))
                }
                arrived.signal()
            }
            arrived.signal()
        }
        defer { feeder.join(within: 86_400) }
        while true {
            arrived.wait()
            guard
                let (worker, request) = state.withLock({ state in
                    state.pending.first.map { (state.worker, $0) }
                })
            else { return }
            switch worker.answer(within: isolation.timeout) {
            case .line(let line):
                state.withLock { _ = $0.pending.popFirst() }
                finish(Self.row(line, of: request))
                free.signal()
            case .ended:
                // Nothing is sent meanwhile.
                let rows = state.withLock { state in
                    let requests = state.pending
                    state.pending = []
                    return requests.map { row(of: $0, &state) }
                }
                for row in rows {
                    finish(row)
                    free.signal()
                }
                for _ in rows.dropFirst() { arrived.wait() }
            }
        }
    }

    /// The row of a medium that a new worker has to itself.
    private func row(of request: Request, _ state: inout State) -> ScoreRow {
        do {
            if state.worker.hasEnded {
                state.worker = try WorkerProcess(isolation, model: model)
            }
        } catch {
            return Self.failure("\(error)", of: request)
        }
        state.worker.send(ScoringWorker.line(of: request))
        return switch state.worker.answer(within: isolation.timeout) {
        case .line(let line): Self.row(line, of: request)
        case .ended(let reason): Self.failure(reason, of: request)
        }
    }

    private static func row(_ line: String, of request: Request) -> ScoreRow {
        (try? ScoreRow(parsing: line)) ?? failure("the worker's answer is no row", of: request)
    }

    private static func failure(_ reason: String, of request: Request) -> ScoreRow {
        var row = ScoreRow()
        row.input = request.input
        row.failure = reason
        return row
    }
}
