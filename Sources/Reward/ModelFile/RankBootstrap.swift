import Foundation

/// Rank-based bootstrapping: turns further generator outputs into examples by a head's ranking.
///
/// The `top` best are pseudo-positives with the label exp(−α · (rank − 1)), where rank 1 is the
/// best; the `bottom` worst are negatives with the label 0. A head is then trained on these and the
/// original examples.
///
/// - Source: arXiv 2506.13846, section 3.1.
public struct RankBootstrap: Codable, Sendable, Hashable {
    /// Number of pseudo-positives, at least 1.
    public var top: Int = 32
    /// Number of negatives, at least 0.
    public var bottom: Int = 32
    /// Decay rate of labels with the rank, at least 0; with 0.05, the 15th best has about 0.5.
    public var alpha: Double = 0.05
    /// Number of rounds of ranking and training, at least 1.
    public var iterations: Int = 1

    public init() {}

    /// A candidate and the label derived from its rank.
    public struct PseudoLabel: Codable, Sendable, Hashable {
        /// Zero-based index of the candidate.
        public let index: Int
        /// One-based rank, 1 is the best; nil for a negative.
        public let rank: Int?
        /// z1 − z0 from the head that ranked the candidate.
        public let logit: Double
        public let label: Double
    }

    /// The pseudo-positives, best first, then the negatives, worst first, without other candidates.
    ///
    /// - Parameters:
    ///   - logits: Logit of each candidate, finite.
    ///   - order: Indices of the candidates, best first; nil sorts them stably by logit.
    /// - Throws: `RewardError.badExamples` if there are fewer than `top + bottom` candidates.
    public func labels(
        for logits: [Double], order: [Int]? = nil
    ) throws(RewardError) -> [PseudoLabel] {
        guard logits.count >= top + bottom else {
            throw .badExamples(
                reason: """
                    there are \(logits.count) candidates to bootstrap from, fewer than the \(top) best \
                    and the \(bottom) worst that are asked for
                    """)
        }
        let order =
            order ?? logits.indices.sorted { (-logits[$0], $0) < (-logits[$1], $1) }
        let best = order.prefix(top).enumerated().map { position, index in
            PseudoLabel(
                index: index, rank: position + 1, logit: logits[index],
                label: exp(-alpha * Double(position)))
        }
        let worst = order.suffix(bottom).reversed().map { index in
            PseudoLabel(index: index, rank: nil, logit: logits[index], label: 0)
        }
        return best + worst
    }

    /// Checks the ranges of all values.
    ///
    /// - Throws: `RewardError.badSetting` with the name of the first invalid one.
    public func validate() throws(RewardError) {
        func check(_ holds: Bool, _ name: String, _ requirement: String) throws(RewardError) {
            guard holds else { throw .badSetting(name: name, requirement: requirement) }
        }
        try check((1...1_000_000).contains(top), "top", "in 1...1000000")
        try check((0...1_000_000).contains(bottom), "bottom", "in 0...1000000")
        try check((0...1e6).contains(alpha), "alpha", "at least 0")
        try check((1...1000).contains(iterations), "iterations", "in 1...1000")
    }
}
