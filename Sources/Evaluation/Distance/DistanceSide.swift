public import Distances
public import Encoders
import Foundation
import Frames
public import Pipeline
import Scoring
import TextFormats

/// One of the two sets of a `DistanceReport`.
public struct DistanceSide: Sendable {
    /// The set's name in the report.
    public var name: String
    public var features: Features
    /// Precision of the encoder; nil if it is not known.
    public var precision: Precision?

    public enum Features: Sendable {
        case embeddings(EmbeddingSet)
        /// Mean and covariance of embeddings that are not at hand.
        case statistics(FeatureStatistics)
    }

    /// - Parameter precision: Precision of the embeddings; nil if it is not known.
    public init(name: String, embeddings: EmbeddingSet, precision: Precision? = nil) {
        self.name = name
        features = .embeddings(embeddings)
        self.precision = precision
    }

    /// - Parameter name: Path of the file of the statistics, which errors name.
    /// - Throws: `DistanceError.badStatistics` for a precision that is not known.
    public init(name: String, statistics: FeatureStatistics) throws(DistanceError) {
        self.name = name
        features = .statistics(statistics)
        guard let text = statistics.provenance.precision else { return }
        precision = Precision(rawValue: text)
        guard precision != nil else {
            throw .badStatistics(path: name, reason: "its precision '\(text)' is not known")
        }
    }

    /// The side without degraded copies of its samples.
    var withoutCopies: DistanceSide {
        guard case .embeddings(let set) = features else { return self }
        return DistanceSide(name: name, embeddings: set.originals, precision: precision)
    }

    /// Number of samples; nil if it is not known.
    var sampleCount: Int? {
        switch features {
        case .embeddings(let set): set.vectors.count
        case .statistics(let statistics): statistics.sampleCount
        }
    }

    /// Length of an embedding, without motion features.
    var dimension: Int {
        switch features {
        case .embeddings(let set): set.contentWidth
        case .statistics(let statistics): statistics.dimension
        }
    }

    /// The recipe of the side, where it is known.
    func append(to recipes: inout EmbeddingRecipes) throws {
        switch features {
        case .embeddings(let set): try recipes.append(set)
        case .statistics(let statistics):
            let provenance = statistics.provenance
            guard let encoder = provenance.encoder else { return }
            guard
                let identity = try? JSONDecoder().decode(
                    EncoderIdentity.self, from: Data(encoder.utf8)),
                identity.hasPossibleWidth, identity.contentWidth == statistics.dimension
            else {
                throw DistanceError.badStatistics(
                    path: name,
                    reason:
                        "encoder is no identity of one that gives \(statistics.dimension) values"
                )
            }
            let sampling = try provenance.sampling.map { text in
                guard
                    let sampling = try? JSONDecoder().decode(Sampling.self, from: Data(text.utf8)),
                    (try? sampling.validate()) != nil
                else {
                    throw DistanceError.badStatistics(
                        path: name, reason: "sampling is none that ganrm knows")
                }
                return sampling
            }
            try recipes.append(encoders: [.video: identity], sampling: sampling)
        }
    }

    /// Checks that embeddings that are still to be made go with the side.
    ///
    /// - Throws: `PipelineError.mixedEmbeddings`, `DistanceError.badStatistics`, and the errors of loading an encoder.
    package func check(_ embedding: InputEmbedding) throws {
        var recipes = EmbeddingRecipes()
        try append(to: &recipes)
        try recipes.check(embedding)
    }

    /// The normal distribution with the side's mean and covariance.
    func fit(shrinkage: CovarianceShrinkage) throws(DistanceError) -> NormalFit {
        switch features {
        case .embeddings(let set):
            return try NormalFit(set.contents, shrinkage: shrinkage)
        case .statistics(let statistics):
            guard shrinkage == .none else {
                throw .noDistance(
                    reason: "'\(name)' has statistics of samples, and a shrinkage needs the samples"
                )
            }
            do {
                return try NormalFit(statistics)
            } catch {
                guard case .noDistance(let reason) = error else { throw error }
                throw .badStatistics(path: name, reason: reason)
            }
        }
    }

    /// What a bootstrap draws from the side.
    func resampled(_ fit: NormalFit) -> FrechetBootstrap.Side {
        switch features {
        case .embeddings(let set): .samples(set.contents, shrinkage: fit.shrinkage)
        case .statistics: .fixed(fit)
        }
    }

    /// Whether nothing is known about how the features were made.
    var isForeign: Bool {
        if case .statistics(let statistics) = features {
            statistics.provenance.encoder == nil
        } else {
            false
        }
    }
}
