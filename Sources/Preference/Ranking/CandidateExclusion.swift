import Foundation
import Frames
public import Reward

/// Which candidates must not win, however high their score: those that show nothing, and those unlike anything
/// that the head was trained on.
public struct CandidateExclusion: Sendable, Hashable {
    /// Most that a candidate may be unfamiliar, a percentile; 100: any.
    public var maxUnfamiliar: Double
    /// Whether candidates may win that show nothing, see `Degeneracy`.
    public var allowsDegenerate: Bool

    public init(
        maxUnfamiliar: Double = Familiarity.usualMaximum, allowsDegenerate: Bool = false
    ) {
        self.maxUnfamiliar = maxUnfamiliar
        self.allowsDegenerate = allowsDegenerate
    }

    /// Nobody is excluded.
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
    /// How many candidates must not win and why, in a sentence; nil if there are none.
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
