import Foundation
import Frames
public import Reward

/// Criteria for candidates that must not win, whatever their score: degenerate ones, and those
/// unfamiliar to the head.
public struct CandidateExclusion: Sendable, Hashable {
    /// Maximum unfamiliarity, a percentile; 100 for no limit.
    public var maxUnfamiliar: Double
    /// Whether degenerate candidates may win; see `Degeneracy`.
    public var allowsDegenerate: Bool

    public init(
        maxUnfamiliar: Double = Familiarity.defaultMaximum, allowsDegenerate: Bool = false
    ) {
        self.maxUnfamiliar = maxUnfamiliar
        self.allowsDegenerate = allowsDegenerate
    }

    /// Excludes no candidate.
    public static let none = CandidateExclusion(maxUnfamiliar: 100, allowsDegenerate: true)

    /// Why a candidate with this score is excluded, in a few words; nil if it is not.
    public func reason(for score: CandidateScore) -> String? {
        if let degeneracy = score.degeneracy, !allowsDegenerate { return degeneracy.rawValue }
        if let unfamiliar = score.unfamiliar, unfamiliar > maxUnfamiliar {
            return String(
                format: "unfamiliar: %.2f %% of the samples of the training are more usual",
                unfamiliar)
        }
        return nil
    }
}

extension Sequence<RankedGroup> {
    /// One sentence with the number of excluded candidates by reason; nil if there are none.
    public var exclusionNotice: String? {
        let reasons = flatMap { group in
            group.excluded.map { String($0.reason.prefix { $0 != ":" }) }
        }
        guard !reasons.isEmpty else { return nil }
        let counts = Dictionary(reasons.map { ($0, 1) }, uniquingKeysWith: +)
            .sorted { ($1.value, $0.key) < ($0.value, $1.key) }
            .map { "\($0.key) \($0.value)" }.joined(separator: ", ")
        return """
            \(reasons.count) candidate\(reasons.count == 1 ? "" : "s") must not win, whatever the score \
            (\(counts))
            """
    }
}
