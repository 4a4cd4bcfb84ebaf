internal import Foundation

/// How far each clip has come through a sequence of stages.
final class Progress: @unchecked Sendable {
    private let condition = NSCondition()
    /// Tasks that are left, by stage and clip; guarded by `condition`.
    private var left: [[Int]]

    init(_ stages: [Stage], clips: Int) {
        left = stages.map { stage in
            var left = Array(repeating: 0, count: clips)
            for task in 0..<stage.count {
                for clip in stage.clips(task) { left[clip] += 1 }
            }
            return left
        }
    }

    /// Waits until clips are through the stage before one.
    func wait(for clips: Range<Int>, before stage: Int) {
        guard stage > 0 else { return }
        condition.lock()
        while left[stage - 1][clips].contains(where: { $0 > 0 }) { condition.wait() }
        condition.unlock()
    }

    /// Notes that one more task of a stage is done.
    func finishTask(of clips: Range<Int>, in stage: Int) {
        condition.lock()
        for clip in clips { left[stage][clip] -= 1 }
        if left[stage][clips].contains(0) { condition.broadcast() }
        condition.unlock()
    }
}
