public import Distances
import Encoders
import Foundation
import Frames
import Pipeline
import Scoring
public import Statistics

/// A Fréchet distance with its provenance: sets, encoder, sampling and precision.
public struct DistanceReport: Sendable {
    /// A set with fewer samples gets a warning, with the size of the bias.
    static let recommendedSampleCount = 2048

    public let metrics: FrechetDistance
    /// 95 % interval of the distance; nil if it was not asked for.
    public let interval: ConfidenceInterval?
    /// The kernel distance; nil if it was not asked for.
    public let kernel: KernelDistance?
    /// The distribution of the reference, for files of statistics.
    public let referenceFit: NormalFit
    /// What small sets add to the distance on average, at least (see `NormalFit.bias`); nil for sets
    /// that are large enough, that have shrunk covariances, or whose sizes are not known.
    public let bias: Double?
    public let shrinkage: CovarianceShrinkage
    let sides: [DistanceSide]
    /// Nil if neither side tells it.
    let encoder: EncoderIdentity?
    let sampling: Sampling?
    let precision: Precision?

    /// Computes the distance of two sets, without their degraded copies.
    ///
    /// - Parameters:
    ///   - bootstrap: Computes the interval of the distance; nil leaves it out.
    ///   - kernel: Computes the kernel distance; nil leaves it out.
    /// - Throws: `PipelineError.mixedEmbeddings` if encoders, sampling or precisions differ,
    ///   `DistanceError.noDistance` if there are fewer than 2 embeddings on a side, if they are not
    ///   finite, or if an estimate needs embeddings and there are statistics;
    ///   `DistanceError.badStatistics` for statistics of an unknown recipe.
    public init(
        reference: DistanceSide, other: DistanceSide, shrinkage: CovarianceShrinkage = .none,
        bootstrap: FrechetBootstrap? = nil, kernel: KernelSettings? = nil
    ) throws {
        let sides = [reference.withoutCopies, other.withoutCopies]
        // Checked first, so that too few samples are reported before any difference in encoders.
        for side in sides where side.sampleCount ?? 2 < 2 {
            throw DistanceError.noDistance(
                reason: """
                    each side needs at least 2 samples, '\(side.name)' gives \
                    \(side.sampleCount ?? 0)
                    """)
        }
        var recipes = EmbeddingRecipes()
        for side in sides { try side.append(to: &recipes) }
        encoder = sides.allSatisfy(\.isForeign) ? nil : try recipes.onlyEncoder
        sampling = recipes.sampling
        let precisions = sides.compactMap(\.precision)
        guard Set(precisions).count <= 1 else {
            throw PipelineError.mixedEmbeddings(
                reason: "computed in two precisions, \(precisions[0]) and \(precisions[1])")
        }
        precision = precisions.first
        guard sides[0].dimension == sides[1].dimension else {
            throw DistanceError.noDistance(
                reason: """
                    embeddings have \(sides[0].dimension) values in '\(sides[0].name)' and \
                    \(sides[1].dimension) in '\(sides[1].name)'
                    """)
        }
        self.sides = sides
        self.shrinkage = shrinkage
        let fits = try sides.map { try $0.fit(shrinkage: shrinkage) }
        let metrics = try FrechetDistance(fits[0], fits[1])
        self.metrics = metrics
        referenceFit = fits[0]
        self.kernel = try kernel.map { try $0.distance(sides) }
        interval = try bootstrap.flatMap {
            try $0.interval(
                of: metrics.distance, sides[0].resampled(fits[0]), sides[1].resampled(fits[1]))
        }
        let isSmall = fits.contains { $0.sampleCount ?? .max < Self.recommendedSampleCount }
        let biases = fits.compactMap { isSmall || metrics.hasFewSamples ? $0.bias : nil }
        bias =
            shrinkage == .none && biases.count == fits.count
            ? biases.reduce(0) { $0 + $1.meanTerm + $1.covarianceTerm } : nil
    }

    /// The statistics of the reference, without shrinkage, with its provenance.
    ///
    /// - Throws: `DistanceError.outOfMemory`.
    public func referenceStatistics() throws -> FeatureStatistics {
        let encoder = try encoder.map { try JSONEncoder.ofStatistics.encode($0) }
        let sampling = try sampling.map { try JSONEncoder.ofStatistics.encode($0) }
        return try referenceFit.statistics(
            provenance: FeatureProvenance(
                encoder: encoder.map { String(decoding: $0, as: UTF8.self) },
                sampling: sampling.map { String(decoding: $0, as: UTF8.self) },
                precision: sides[0].precision?.rawValue, version: ganrmVersion))
    }

    /// Warnings: a bias by few samples, and sides of unknown provenance.
    ///
    /// - Parameter offersShrinkage: Whether they name the option that lessens the bias.
    public func warnings(offersShrinkage: Bool = true) -> [String] {
        var warnings: [String] = []
        for side in sides where side.isForeign {
            warnings.append(
                """
                '\(side.name)' does not tell by which encoder its features were made; the distance \
                has a meaning only if it is that of the other side, with the same preprocessing
                """)
        }
        let counts = metrics.sampleCounts
        guard
            metrics.hasFewSamples
                || counts.contains(where: { $0 ?? .max < Self.recommendedSampleCount })
        else { return warnings }
        let texts = counts.map { $0.map(String.init) ?? "an unknown number of" }
        let size = bias.map { ", by \(String(format: "%.3g", $0)) or more" } ?? ""
        let remedy =
            offersShrinkage && shrinkage == .none && metrics.hasFewSamples
            ? "; --shrinkage ledoit-wolf lessens it" : ""
        warnings.append(
            """
            \(texts[0]) and \(texts[1]) samples of \(metrics.dimension) values are few, which makes \
            the distance too high\(size): compare it only with those of as many samples\(remedy)
            """)
        return warnings
    }
}

extension JSONEncoder {
    /// Equal values give equal texts.
    fileprivate static var ofStatistics: JSONEncoder {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return encoder
    }
}
