import DequeModule
import Synchronization

/// Bytes of bodies that are in flight.
///
/// A call takes them as they arrive, so that one that announces much and sends little holds up no other. If they are
/// used up, the oldest call alone goes on, and the others, in turn, when some have been answered.
final class ByteBudget: Sendable {
    /// The bytes of one call.
    struct Share: Sendable {
        fileprivate let id: UInt64
        fileprivate let budget: ByteBudget

        /// Takes bytes that have arrived, once there is room.
        ///
        /// - Throws: `CancellationError`.
        func take(_ byteCount: Int) async throws {
            try await budget.take(byteCount, for: id)
        }
    }

    private struct Waiter {
        var share: UInt64
        var byteCount: Int
        let continuation: CheckedContinuation<Void, any Error>
    }

    private struct State {
        var usedCount = 0
        /// By age.
        var shares: Deque<(id: UInt64, byteCount: Int)> = []
        var waiters: Deque<Waiter> = []
        var lastID: UInt64 = 0

        /// Takes for those that wait what there is room for.
        mutating func serve(limit: Int) -> [Waiter] {
            var (served, left): ([Waiter], Deque<Waiter>) = ([], [])
            for waiter in waiters {
                let hasRoom =
                    waiter.share == shares.first?.id || usedCount + waiter.byteCount <= limit
                guard hasRoom, let index = shares.firstIndex(where: { $0.id == waiter.share })
                else {
                    left.append(waiter)
                    continue
                }
                usedCount += waiter.byteCount
                shares[index].byteCount += waiter.byteCount
                served.append(waiter)
            }
            waiters = left
            return served
        }
    }

    private let limit: Int
    private let state = Mutex(State())

    init(_ limit: Int) { self.limit = limit }

    /// Bytes in flight.
    var usedCount: Int { state.withLock(\.usedCount) }

    /// Runs `body` with a share, which is given back in the end.
    func with<Result: Sendable>(_ body: (Share) async throws -> Result) async throws -> Result {
        let id = state.withLock { state in
            state.lastID += 1
            state.shares.append((state.lastID, 0))
            return state.lastID
        }
        defer {
            serve { state in
                guard let index = state.shares.firstIndex(where: { $0.id == id }) else { return }
                state.usedCount -= state.shares.remove(at: index).byteCount
            }
        }
        return try await body(Share(id: id, budget: self))
    }

    private func take(_ byteCount: Int, for share: UInt64) async throws {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation {
                (continuation: CheckedContinuation<Void, any Error>) in
                serve {
                    $0.waiters.append(
                        Waiter(share: share, byteCount: byteCount, continuation: continuation))
                }
                // The handler may have been called before there was a waiter.
                if Task.isCancelled { cancel(share) }
            }
        } onCancel: {
            cancel(share)
        }
    }

    private func cancel(_ share: UInt64) {
        let waiter = state.withLock { state in
            state.waiters.firstIndex { $0.share == share }.map { state.waiters.remove(at: $0) }
        }
        waiter?.continuation.resume(throwing: CancellationError())
    }

    /// Changes the state, and resumes those that there is room for then.
    private func serve(_ change: (inout State) -> Void) {
        let served = state.withLock { state in
            change(&state)
            return state.serve(limit: limit)
        }
        for waiter in served { waiter.continuation.resume() }
    }
}
