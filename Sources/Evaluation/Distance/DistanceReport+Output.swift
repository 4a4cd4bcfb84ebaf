import Distances
import Encoders
import Foundation
import Frames
import Pipeline
import Scoring
import Statistics
package import TextFormats

extension DistanceReport {
    /// What is needed to reproduce the distance.
    package var provenance: [JSONValue.Member] {
        [
            .init("encoder", JSONValue(encoder?.label)),
            .init("precision", JSONValue(precision?.rawValue)),
            .init("sampling", sampling?.json ?? .null), .init("version", .string(ganrmVersion)),
        ]
    }

    /// One object, with keys in a fixed order: see docs/evaluation.md.
    public var json: String {
        func side(_ index: Int) -> JSONValue {
            [
                "input": .string(sides[index].name),
                "samples": JSONValue(metrics.sampleCounts[index]),
                "shrinkage_intensity": .number(metrics.shrinkageIntensities[index]),
            ]
        }
        let json: JSONValue = [
            "distance": .number(metrics.distance),
            "mean_term": .number(metrics.meanTerm),
            "covariance_term": .number(metrics.covarianceTerm),
            "interval": interval.map { ["low": .number($0.low), "high": .number($0.high)] }
                ?? .null,
            "bias": JSONValue(bias),
            "kernel": kernel.map {
                [
                    "mean": .number($0.mean),
                    "standard_deviation": .number($0.standardDeviation),
                    "subsets": .integer($0.subsetCount),
                    "subset_size": .integer($0.subsetSize),
                ]
            } ?? .null,
            "reference": side(0), "other": side(1),
            "dimension": .integer(metrics.dimension),
            "few_samples": .bool(metrics.hasFewSamples),
            "shrinkage": .string(shrinkage.rawValue),
            "encoder": JSONValue(encoder?.label),
            "taps": encoder.map { .array($0.taps.map { .integer($0) }) } ?? .null,
            "precision": JSONValue(precision?.rawValue),
            "sampling": sampling?.json ?? .null,
            "version": .string(ganrmVersion),
        ]
        return json.description
    }

    /// The report as text.
    public var table: String {
        var lines = [("distance", Self.text(metrics.distance))]
        if let interval {
            lines.append(
                ("  95 % interval", "\(Self.text(interval.low)) to \(Self.text(interval.high))"))
        }
        lines.append(("  mean term", Self.text(metrics.meanTerm)))
        lines.append(("  covariance term", Self.text(metrics.covarianceTerm)))
        if let kernel {
            lines.append(
                (
                    "kernel distance",
                    """
                    \(Self.text(kernel.mean)) ± \(Self.text(kernel.standardDeviation)), \
                    \(kernel.subsetCount) subsets of \(kernel.subsetSize)
                    """
                ))
        }
        for (name, index) in [("reference", 0), ("other", 1)] {
            let samples = metrics.sampleCounts[index].map { "\($0) samples" } ?? "statistics"
            lines.append((name, "\(samples), \(sides[index].name)"))
        }
        if shrinkage != .none {
            let intensities = metrics.shrinkageIntensities.map { String(format: "%.3f", $0) }
            lines.append(
                ("shrinkage", "\(shrinkage.rawValue), by \(intensities[0]) and \(intensities[1])"))
        }
        let parts = [encoder?.label ?? "unknown", precision?.rawValue, "ganrm \(ganrmVersion)"]
        lines.append(("encoder", parts.compactMap(\.self).joined(separator: ", ")))
        return lines.map { $0.padding(toLength: 19, withPad: " ", startingAt: 0) + $1 }
            .joined(separator: "\n")
    }

    private static func text(_ value: Double) -> String { String(format: "%.6g", value) }
}
