/// The present rate of a task: of the last minute, so that inputs from the cache do not count long.
package struct ProgressRate: Sendable {
    private struct Mark {
        let seconds: Double
        let done: Int
    }

    private static let windowSeconds = 60.0
    /// At most one per second, oldest first; the first one is before the window if there is one.
    private var marks: [Mark]

    /// - Parameters:
    ///   - done: What was done before.
    ///   - seconds: The time, on any clock.
    package init(done: Int = 0, at seconds: Double) {
        marks = [Mark(seconds: seconds, done: done)]
    }

    /// Notes that `done` items are done.
    package mutating func note(done: Int, at seconds: Double) {
        if marks.count > 1, seconds - marks[marks.count - 2].seconds < 1 { marks.removeLast() }
        marks.append(Mark(seconds: seconds, done: done))
        while marks.count > 2, seconds - marks[1].seconds >= Self.windowSeconds {
            marks.removeFirst()
        }
    }

    /// Items per second; nil before the first one. It falls once an item takes longer than the mean.
    ///
    /// - Parameter seconds: The time now.
    package func perSecond(at seconds: Double) -> Double? {
        let (first, last) = (marks[0], marks[marks.count - 1])
        guard last.done > first.done else { return nil }
        let count = Double(last.done - first.done)
        let mean = (last.seconds - first.seconds) / count
        return count / max(max(last.seconds, seconds - mean) - first.seconds, 1e-3)
    }
}
