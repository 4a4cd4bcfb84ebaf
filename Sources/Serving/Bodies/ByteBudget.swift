import DequeModule
import Synchronization

/// Bytes of bodies that are in flight. A call whose body does not fit waits until others have been answered, and in turn.
final class ByteBudget: Sendable {
    private struct Waiter {
        var id: UInt64
        var byteCount: Int
        let continuation: CheckedContinuation<Void, any Error>
    }

    private struct State {
        var free: Int
        var waiters: Deque<Waiter> = []
        var lastID: UInt64 = 0
    }

    private let limit: Int
    private let state: Mutex<State>

    init(_ limit: Int) {
        self.limit = limit
        state = Mutex(State(free: limit))
    }

    /// Bytes in flight.
    var usedCount: Int { limit - state.withLock(\.free) }

    /// Runs `body` with bytes of the budget; more than the whole budget are taken as the whole.
    ///
    /// - Throws: What `body` throws, and `CancellationError`.
    func with<Result: Sendable>(
        _ byteCount: Int, _ body: () async throws -> Result
    ) async throws -> Result {
        let byteCount = min(byteCount, limit)
        try await take(byteCount)
        defer { give(byteCount) }
        return try await body()
    }

    private func take(_ byteCount: Int) async throws {
        let id = state.withLock { state in
            state.lastID += 1
            return state.lastID
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation {
                (continuation: CheckedContinuation<Void, any Error>) in
                state.withLock {
                    $0.waiters.append(
                        Waiter(id: id, byteCount: byteCount, continuation: continuation))
                }
                give(0)
                // The handler may have been called before there was a waiter.
                if Task.isCancelled { cancel(id) }
            }
        } onCancel: {
            cancel(id)
        }
    }

    private func cancel(_ id: UInt64) {
        let waiter = state.withLock { state in
            state.waiters.firstIndex { $0.id == id }.map { state.waiters.remove(at: $0) }
        }
        waiter?.continuation.resume(throwing: CancellationError())
        // Those behind it may fit.
        give(0)
    }

    /// Gives bytes back, and resumes those in front that fit.
    private func give(_ byteCount: Int) {
        let served = state.withLock { state in
            state.free += byteCount
            var served: [Waiter] = []
            while let first = state.waiters.first, first.byteCount <= state.free {
                state.free -= first.byteCount
                served.append(first)
                state.waiters.removeFirst()
            }
            return served
        }
        for waiter in served { waiter.continuation.resume() }
    }
}
