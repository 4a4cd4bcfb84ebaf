internal import Foundation

/// Tracks each clip's progress through a sequence of stages.
final class StageProgress: @unchecked Sendable {
    private let condition = NSCondition()
    /// Remaining tasks, `[stages][clips]`; guarded by `condition`.
    private var remaining: [[Int]]

    init(_ stages: [Stage], clips: Int) {
        remaining = stages.map { stage in
            var remaining = Array(repeating: 0, count: clips)
            for task in 0..<stage.count {
                for clip in stage.clips(task) { remaining[clip] += 1 }
            }
            return remaining
        }
    }

    /// Waits until clips have finished the stage before `stage`.
    func wait(for clips: Range<Int>, before stage: Int) {
        guard stage > 0 else { return }
        condition.lock()
        while remaining[stage - 1][clips].contains(where: { $0 > 0 }) { condition.wait() }
        condition.unlock()
    }

    /// Records that a task of a stage has finished.
    func finishTask(of clips: Range<Int>, in stage: Int) {
        condition.lock()
        for clip in clips { remaining[stage][clip] -= 1 }
        if remaining[stage][clips].contains(0) { condition.broadcast() }
        condition.unlock()
    }
}
