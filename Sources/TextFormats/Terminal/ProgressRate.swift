/// The present rate of a task: of the last minute, without inputs from the cache that were done in no
/// time before the others.
package struct ProgressRate: Sendable {
    private struct Mark {
        var seconds: Double
        var done: Int
        /// The longest time without an item since the mark before.
        var wait = 0.0
    }

    private static let windowSeconds = 60.0
    /// How many times longer than the mean an item takes that shows the items before, if they are done
    /// within `startSeconds`, to be from the cache.
    private static let slowness = 20.0
    private static let startSeconds = 5.0
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
        let last = marks[marks.count - 1]
        var mark = Mark(seconds: seconds, done: done, wait: seconds - last.seconds)
        let (span, count) = (last.seconds - marks[0].seconds, last.done - marks[0].done)
        if count > 0, span < Self.startSeconds,
            mark.wait > max(1, Self.slowness * span / Double(count))
        {
            marks = [Mark(seconds: last.seconds, done: last.done)]
        }
        if marks.count > 1, seconds - marks[marks.count - 2].seconds < 1 {
            mark.wait = max(mark.wait, marks.removeLast().wait)
        }
        marks.append(mark)
        while marks.count > 2, seconds - marks[1].seconds >= Self.windowSeconds {
            marks.removeFirst()
        }
    }

    /// Items per second; nil before the first one. It falls once an item takes longer than all others:
    /// those of a batch are done at once.
    ///
    /// - Parameter seconds: The time now.
    package func perSecond(at seconds: Double) -> Double? {
        let (first, last) = (marks[0], marks[marks.count - 1])
        guard last.done > first.done else { return nil }
        let count = Double(last.done - first.done)
        let end = max(last.seconds, seconds - longestWait)
        return count / max(end - first.seconds, 1e-3)
    }

    /// Seconds since the last item, at most as long as the rate does not fall.
    ///
    /// - Parameter seconds: The time now.
    package func idleSeconds(at seconds: Double) -> Double {
        min(seconds - marks[marks.count - 1].seconds, longestWait)
    }

    /// The longest time without an item; at least the mean.
    private var longestWait: Double { marks.reduce(0) { max($0, $1.wait) } }
}
