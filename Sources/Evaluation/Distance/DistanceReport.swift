public import Encoders
import Foundation
import Frames
public import Pipeline
import Reward
import Scoring
import TextFormats

/// A Fréchet distance with its provenance: sets, encoder, sampling and precision.
public struct DistanceReport: Sendable {
    /// One of the two sets.
    public struct Side: Sendable {
        /// The set's name in the report.
        public var name: String
        public var embeddings: EmbeddingSet

        public init(name: String, embeddings: EmbeddingSet) {
            self.name = name
            self.embeddings = embeddings
        }

        fileprivate var withoutCopies: Side { Side(name: name, embeddings: embeddings.originals) }
    }

    public let metrics: FrechetDistance
    private let names: [String]
    private let encoder: EncoderIdentity
    private let sampling: Sampling
    private let precision: Precision?

    /// Computes the distance of two sets, without their degraded copies.
    ///
    /// - Parameter precision: Precision of the embeddings; nil if unknown.
    /// - Throws: `PipelineError.mixedEmbeddings` if encoders or sampling differ,
    ///   `RewardError.noDistance` if there are fewer than 2 embeddings on a side, or if they are
    ///   not finite.
    public init(
        reference: Side, other: Side, shrinkage: CovarianceShrinkage = .none,
        precision: Precision? = nil
    ) throws {
        let (reference, other) = (reference.withoutCopies, other.withoutCopies)
        // Checked first, so that too few samples are reported before any difference in encoders.
        for side in [reference, other] where side.embeddings.vectors.count < 2 {
            throw RewardError.noDistance(
                reason: """
                    each side needs at least 2 samples, '\(side.name)' gives \
                    \(side.embeddings.vectors.count)
                    """)
        }
        var recipes = EmbeddingRecipes()
        try recipes.append(reference.embeddings)
        try recipes.append(other.embeddings)
        encoder = try recipes.onlyEncoder
        sampling = reference.embeddings.sampling
        names = [reference.name, other.name]
        self.precision = precision
        metrics = try FrechetDistance(
            reference.embeddings.contents, other.embeddings.contents, shrinkage: shrinkage)
    }

    /// A warning if the distance is biased upwards by too few samples.
    public var warning: String? {
        guard metrics.hasFewSamples else { return nil }
        let remedy = metrics.shrinkage == .none ? "; --shrinkage ledoit-wolf lessens it" : ""
        return """
            \(metrics.sampleCounts[0]) and \(metrics.sampleCounts[1]) samples of \
            \(metrics.dimension) values are few, which makes the distance too high: compare it only \
            with those of as many samples\(remedy)
            """
    }

    /// One object, with keys in a fixed order: see docs/evaluation.md.
    public var json: String {
        func side(_ index: Int) -> JSONValue {
            [
                "input": .string(names[index]),
                "samples": .integer(metrics.sampleCounts[index]),
                "shrinkage_intensity": .number(metrics.shrinkageIntensities[index]),
            ]
        }
        let json: JSONValue = [
            "distance": .number(metrics.distance),
            "mean_term": .number(metrics.meanTerm),
            "covariance_term": .number(metrics.covarianceTerm),
            "reference": side(0), "other": side(1),
            "dimension": .integer(metrics.dimension),
            "few_samples": .bool(metrics.hasFewSamples),
            "shrinkage": .string(metrics.shrinkage.rawValue),
            "encoder": .string(encoder.label),
            "taps": .array(encoder.taps.map { .integer($0) }),
            "precision": JSONValue(precision?.rawValue),
            "sampling": sampling.json,
            "version": .string(ganrmVersion),
        ]
        return json.description
    }

    /// The report as text.
    public var table: String {
        let intensities = metrics.shrinkageIntensities.map { String(format: "%.3f", $0) }
        var lines = [
            ("distance", Self.text(metrics.distance)),
            ("  mean term", Self.text(metrics.meanTerm)),
            ("  covariance term", Self.text(metrics.covarianceTerm)),
            ("reference", "\(metrics.sampleCounts[0]) samples, \(names[0])"),
            ("other", "\(metrics.sampleCounts[1]) samples, \(names[1])"),
        ]
        if metrics.shrinkage != .none {
            lines.append(
                (
                    "shrinkage",
                    "\(metrics.shrinkage.rawValue), by \(intensities[0]) and \(intensities[1])"
                ))
        }
        let parts = [encoder.label, precision?.rawValue, "ganrm \(ganrmVersion)"]
        lines.append(("encoder", parts.compactMap(\.self).joined(separator: ", ")))
        return lines.map { $0.padding(toLength: 19, withPad: " ", startingAt: 0) + $1 }
            .joined(separator: "\n")
    }

    private static func text(_ value: Double) -> String { String(format: "%.6g", value) }
}
