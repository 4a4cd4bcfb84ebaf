internal import Dispatch
internal import Synchronization

/// Shares tasks out over a fixed number of workers.
///
/// Which worker takes which task is left to chance; no task's result may depend on it.
final class WorkerPool {
    let workers: [Worker]

    init(threadCount: Int) {
        workers = (0..<threadCount).map(Worker.init(index:))
    }

    /// Runs `body` for each task number below `count`; returns when all are done. What a worker spends between
    /// tasks counts as waiting.
    func forEach(_ count: Int, _ body: (_ worker: Worker, _ task: Int) -> Void) {
        if workers.count == 1 || count == 1 {
            for task in 0..<count {
                workers[0].lap(.waiting)
                body(workers[0], task)
            }
            return
        }
        let next = Atomic(0)
        withoutActuallyEscaping(body) { body in
            nonisolated(unsafe) let body = body
            nonisolated(unsafe) let workers = workers
            DispatchQueue.concurrentPerform(iterations: min(workers.count, count)) { index in
                while true {
                    let task = next.wrappingAdd(1, ordering: .relaxed).oldValue
                    guard task < count else { return }
                    workers[index].lap(.waiting)
                    body(workers[index], task)
                }
            }
        }
    }
}
