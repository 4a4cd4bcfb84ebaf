import Foundation

/// Rank-based bootstrapping: further generator outputs become examples by how a head ranks them.
///
/// The `top` best are pseudo-positives with the label exp(−α · (rank − 1)), rank 1 the best; the `bottom`
/// worst are negatives with the label 0. A head is then trained again on these and all that there was
/// before.
///
/// - Source: arXiv 2506.13846, section 3.1.
public struct RankBootstrap: Codable, Sendable, Hashable {
    /// Pseudo-positives, at least 1.
    public var top: Int = 32
    /// Negatives, at least 0.
    public var bottom: Int = 32
    /// How fast labels fall with the rank, at least 0: with 0.05 the 14th best has the label ½.
    public var alpha: Double = 0.05
    /// How often candidates are ranked and a head is trained on what follows, at least 1.
    public var iterations: Int = 1

    public init() {}

    /// A candidate and the label that its rank gives it.
    public struct PseudoLabel: Codable, Sendable, Hashable {
        /// Position among the candidates, from 0.
        public let index: Int
        /// From 1, the best; nil for a negative.
        public let rank: Int?
        /// z1 − z0 of the head that ranked it.
        public let logit: Double
        public let label: Double
    }

    /// The pseudo-positives, best first, then the negatives, worst first; candidates between are left out.
    ///
    /// - Parameters:
    ///   - logits: One per candidate, finite.
    ///   - order: The candidates, best first; nil: by their logits, of equal ones the earlier first.
    /// - Throws: `RewardError.badExamples` if there are fewer than `top + bottom`.
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
        let best = order.prefix(top).enumerated().map { place, index in
            PseudoLabel(
                index: index, rank: place + 1, logit: logits[index],
                label: exp(-alpha * Double(place)))
        }
        let worst = order.suffix(bottom).reversed().map { index in
            PseudoLabel(index: index, rank: nil, logit: logits[index], label: 0)
        }
        return best + worst
    }

    /// Refuses values that nothing can be done with, by name.
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
