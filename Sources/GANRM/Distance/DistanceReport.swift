public import Encoders
import Foundation
import Frames
import JSON
import Reward
import Scoring

/// A Fréchet distance with what it was taken of.
public struct DistanceReport: Sendable {
    /// One of the two sets.
    public struct Side: Sendable {
        /// As the user names it.
        public var name: String
        public var embeddings: EmbeddingSet

        public init(name: String, embeddings: EmbeddingSet) {
            self.name = name
            self.embeddings = embeddings
        }

        fileprivate var withoutCopies: Side { Side(name: name, embeddings: embeddings.originals) }
    }

    public let figures: FrechetDistance
    private let names: [String]
    private let encoder: EncoderIdentity
    private let sampling: Sampling
    private let precision: Precision?

    /// - Parameter precision: What the embeddings were computed in; nil if nobody knows.
    /// - Throws: `GANRMError.mixedEmbeddings` if the embeddings were not made in one way,
    ///   `RewardError.noDistance` if there are too few or they cannot be computed with.
    public init(
        reference: Side, other: Side, shrinkage: CovarianceShrinkage = .none,
        precision: Precision? = nil
    ) throws {
        let (reference, other) = (reference.withoutCopies, other.withoutCopies)
        // Before anything else is said of it.
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
        figures = try FrechetDistance(
            reference.embeddings.contents, other.embeddings.contents, shrinkage: shrinkage)
    }

    /// That the figure is too high, where it is for sure.
    public var warning: String? {
        guard figures.hasFewSamples else { return nil }
        let remedy = figures.shrinkage == .none ? "; --shrinkage ledoit-wolf lessens it" : ""
        return """
            \(figures.sampleCounts[0]) and \(figures.sampleCounts[1]) samples of \
            \(figures.dimension) numbers are few, which makes the distance too high: compare it only \
            with those of as many samples\(remedy)
            """
    }

    /// One object; its keys, always in this order, are described in docs/evaluation.md.
    public var json: String {
        func side(_ index: Int) -> JSONValue {
            .object([
                .init("input", .string(names[index])),
                .init("samples", .integer(figures.sampleCounts[index])),
                .init("shrinkage_intensity", .number(figures.shrinkageIntensities[index])),
            ])
        }
        return JSONValue.object([
            .init("distance", .number(figures.distance)),
            .init("mean_term", .number(figures.meanTerm)),
            .init("covariance_term", .number(figures.covarianceTerm)),
            .init("reference", side(0)), .init("other", side(1)),
            .init("dimension", .integer(figures.dimension)),
            .init("few_samples", .bool(figures.hasFewSamples)),
            .init("shrinkage", .string(figures.shrinkage.rawValue)),
            .init("encoder", .string(encoder.label)),
            .init("taps", .array(encoder.taps.map { .integer($0) })),
            .init("precision", precision.map { .string($0.rawValue) } ?? .null),
            .init("sampling", Provenance.describe(sampling)),
            .init("version", .string(ganrmVersion)),
        ]).description
    }

    /// The same for people.
    public var table: String {
        let intensities = figures.shrinkageIntensities.map { String(format: "%.3f", $0) }
        var lines = [
            ("distance", Self.text(figures.distance)),
            ("  mean term", Self.text(figures.meanTerm)),
            ("  covariance term", Self.text(figures.covarianceTerm)),
            ("reference", "\(figures.sampleCounts[0]) samples, \(names[0])"),
            ("other", "\(figures.sampleCounts[1]) samples, \(names[1])"),
        ]
        if figures.shrinkage != .none {
            lines.append(
                (
                    "shrinkage",
                    "\(figures.shrinkage.rawValue), by \(intensities[0]) and \(intensities[1])"
                ))
        }
        let maker = [encoder.label, precision?.rawValue, "ganrm \(ganrmVersion)"]
        lines.append(("encoder", maker.compactMap(\.self).joined(separator: ", ")))
        return lines.map { $0.padding(toLength: 19, withPad: " ", startingAt: 0) + $1 }
            .joined(separator: "\n")
    }

    private static func text(_ number: Double) -> String { String(format: "%.6g", number) }
}
