import Distances
public import Evaluation
public import Statistics
import TextFormats

/// The value of a metric of a set.
public struct SetMetricValue: Sendable {
    public let metric: Metric
    /// The distances that the value is one of, with their provenance.
    public let report: DistanceReport

    /// Inputs without features.
    public let failureCount: Int
    /// Samples of the set without content, such as black frames.
    public let degenerateCount: Int

    init(_ metric: Metric, _ report: DistanceReport, failureCount: Int, degenerateCount: Int) {
        self.metric = metric
        self.report = report
        self.failureCount = failureCount
        self.degenerateCount = degenerateCount
    }

    /// The Fréchet distance, or the mean of the kernel distance over its subsets.
    public var value: Double {
        if metric.measure == .kernelDistance, let kernel = report.kernel { return kernel.mean }
        return report.metrics.distance
    }

    /// 95 % interval; nil if it was not asked for.
    public var interval: ConfidenceInterval? {
        metric.measure == .kernelDistance ? nil : report.interval
    }

    /// Samples of the set: pictures, frames or videos.
    public var sampleCount: Int { report.metrics.sampleCounts[1] ?? 0 }

    /// What the value is to be read with.
    public var warnings: [String] {
        var warnings: [String] = []
        if degenerateCount > 0 {
            warnings.append(
                "\(degenerateCount) of \(sampleCount) samples have no content, as black or noise")
        }
        // The kernel distance has no bias.
        if metric.measure == .frechetDistance {
            warnings += report.warnings(offersShrinkage: false)
        }
        return warnings.map { "\(metric.name): \($0)" }
    }

    /// An object for the metric's name.
    var json: JSONValue {
        var members: [JSONValue.Member] = [
            .init("value", .number(value)),
            .init("low", interval.map { .number($0.low) } ?? .null),
            .init("high", interval.map { .number($0.high) } ?? .null),
        ]
        if metric.measure == .kernelDistance, let kernel = report.kernel {
            members += [
                .init("standard_deviation", .number(kernel.standardDeviation)),
                .init("subsets", .integer(kernel.subsetCount)),
                .init("subset_size", .integer(kernel.subsetSize)),
            ]
        }
        members += [
            .init("samples", .integer(sampleCount)),
            .init(
                "reference_samples",
                report.metrics.sampleCounts[0].map { .integer($0) } ?? .null),
            .init("few_samples", .bool(report.metrics.hasFewSamples)),
            .init("degenerate", .integer(degenerateCount)),
            .init("failed", .integer(failureCount)),
        ]
        return .object(members + report.provenance)
    }
}
