/// Times of repeated runs of one measurement.
public struct RunTimes: Sendable, Hashable {
    /// Seconds per run, at least one value.
    public let seconds: [Double]
    private let sorted: [Double]

    public init(_ seconds: [Double]) {
        precondition(!seconds.isEmpty)
        self.seconds = seconds
        sorted = seconds.sorted()
    }

    public var median: Double {
        let middle = sorted.count / 2
        return sorted.count.isMultiple(of: 2)
            ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
    }

    /// The difference between slowest and fastest run, relative to the median; shows the noise of
    /// the machine.
    public var spread: Double {
        (sorted[sorted.count - 1] - sorted[0]) / median
    }
}
