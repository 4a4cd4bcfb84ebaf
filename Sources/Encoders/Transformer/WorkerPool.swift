internal import Dispatch
internal import Synchronization

/// Distributes tasks over a fixed number of workers.
///
/// Tasks are assigned to workers dynamically; no result may depend on the assignment.
final class WorkerPool {
    let workers: [Worker]

    init(threadCount: Int) {
        workers = (0..<threadCount).map(Worker.init(index:))
    }

    /// Times the workers' laps from now on, unless the profile is nil.
    func beginProfiling(_ profile: EncodingProfile?) {
        guard profile != nil else { return }
        for worker in workers { worker.timer = LapTimer() }
    }

    /// Adds the laps since `beginProfiling` to the profile.
    func endProfiling(_ profile: EncodingProfile?) {
        for worker in workers {
            worker.lap(.waiting)
            if let timer = worker.timer { profile?.add(timer) }
            worker.timer = nil
        }
    }

    /// Runs `body` for the task indices `0..<count`; returns when all have finished.
    func forEach(_ count: Int, _ body: (_ worker: Worker, _ task: Int) -> Void) {
        withoutActuallyEscaping(body) { body in
            run([Stage(count: count, clips: { _ in 0..<1 }, body: body)], clips: 1)
        }
    }

    /// Runs the tasks of consecutive stages; returns when all have finished.
    ///
    /// A task starts as soon as its own clips have finished the previous stage, independently of
    /// other clips, so workers seldom wait for each other. Time between tasks is profiled as
    /// `LayerKind.waiting`.
    func run(_ stages: [Stage], clips: Int) {
        let progress = StageProgress(stages, clips: clips)
        let tasks = stages.indices.flatMap { stage in
            (0..<stages[stage].count).map { (stage, task: $0) }
        }
        let next = Atomic(0)
        nonisolated(unsafe) let stages = stages
        nonisolated(unsafe) let workers = workers
        DispatchQueue.concurrentPerform(iterations: min(workers.count, tasks.count)) { thread in
            let worker = workers[thread]
            while true {
                // Tasks start in order, so a task waits only for tasks that have already started.
                let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
                guard index < tasks.count else { return }
                let (stage, task) = tasks[index]
                let clips = stages[stage].clips(task)
                progress.wait(for: clips, before: stage)
                worker.lap(.waiting)
                stages[stage].body(worker, task)
                progress.finishTask(of: clips, in: stage)
            }
        }
    }
}

/// A stage of the forward pass: tasks of one kind.
struct Stage {
    let count: Int
    /// The clips that a task reads and writes.
    let clips: (_ task: Int) -> Range<Int>
    let body: (_ worker: Worker, _ task: Int) -> Void
}
