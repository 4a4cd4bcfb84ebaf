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

    /// Runs `body` for each task number below `count`; returns when all are done.
    func forEach(_ count: Int, _ body: (_ worker: Worker, _ task: Int) -> Void) {
        withoutActuallyEscaping(body) { body in
            run([Stage(count: count, clips: { _ in 0..<1 }, body: body)], clips: 1)
        }
    }

    /// Runs the tasks of stages that follow each other; returns when all are done.
    ///
    /// A task begins as soon as its clips are through the stage before, whatever others are in, so workers seldom
    /// wait for each other. What they spend between tasks counts as waiting.
    func run(_ stages: [Stage], clips: Int) {
        let progress = Progress(stages, clips: clips)
        let tasks = stages.indices.flatMap { stage in
            (0..<stages[stage].count).map { (stage, task: $0) }
        }
        let next = Atomic(0)
        nonisolated(unsafe) let stages = stages
        nonisolated(unsafe) let workers = workers
        DispatchQueue.concurrentPerform(iterations: min(workers.count, tasks.count)) { index in
            let worker = workers[index]
            while true {
                // In this order, so that a task waits only for some that others are at.
                let number = next.wrappingAdd(1, ordering: .relaxed).oldValue
                guard number < tasks.count else { return }
                let (stage, task) = tasks[number]
                let clips = stages[stage].clips(task)
                progress.wait(for: clips, before: stage)
                worker.lap(.waiting)
                stages[stage].body(worker, task)
                progress.finishTask(of: clips, in: stage)
            }
        }
    }
}

/// Tasks of one kind.
struct Stage {
    let count: Int
    /// What a task reads and writes.
    let clips: (_ task: Int) -> Range<Int>
    let body: (_ worker: Worker, _ task: Int) -> Void
}
