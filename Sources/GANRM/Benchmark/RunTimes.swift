/// How long the runs of one thing took, in seconds; at least one.
public struct RunTimes: Sendable, Hashable {
    public let seconds: [Double]

    public init(_ seconds: [Double]) {
        precondition(!seconds.isEmpty)
        self.seconds = seconds
    }

    public var median: Double {
        let sorted = seconds.sorted()
        let middle = sorted.count / 2
        return sorted.count.isMultiple(of: 2)
            ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
    }

    /// From the fastest to the slowest run, as a share of the median: how quiet the machine was.
    public var spread: Double {
        ((seconds.max() ?? 0) - (seconds.min() ?? 0)) / median
    }
}
