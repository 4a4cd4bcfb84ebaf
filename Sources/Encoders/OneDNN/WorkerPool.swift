internal import Dispatch
internal import Synchronization

/// Shares tasks out over a fixed number of workers.
///
/// Which worker takes which task is left to chance; no task's result may depend on it.
final class WorkerPool {
    let workers: [Worker]

    init(threadCount: Int) throws(EncoderError) {
        var workers: [Worker] = []
        for index in 0..<threadCount { workers.append(try Worker(index: index)) }
        self.workers = workers
    }

    /// Runs `body` for each task number below `count`; returns when all are done.
    ///
    /// - Throws: The first error; tasks not yet begun are then left out.
    func forEach(
        _ count: Int, _ body: (_ worker: Worker, _ task: Int) throws(EncoderError) -> Void
    ) throws(EncoderError) {
        if workers.count == 1 || count == 1 {
            try OneDNN.shared.onThisThread { () throws(EncoderError) in
                for task in 0..<count { try body(workers[0], task) }
            }
            return
        }
        let next = Atomic(0)
        let failure = Mutex<EncoderError?>(nil)
        withoutActuallyEscaping(body) { body in
            nonisolated(unsafe) let body = body
            nonisolated(unsafe) let workers = workers
            DispatchQueue.concurrentPerform(iterations: min(workers.count, count)) { index in
                OneDNN.shared.onThisThread {
                    while true {
                        let task = next.wrappingAdd(1, ordering: .relaxed).oldValue
                        guard task < count else { return }
                        do throws(EncoderError) {
                            try body(workers[index], task)
                        } catch {
                            failure.withLock { $0 = $0 ?? error }
                            next.store(count, ordering: .relaxed)
                        }
                    }
                }
            }
        }
        if let error = failure.withLock({ $0 }) { throw error }
    }
}
