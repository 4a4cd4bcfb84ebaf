import Foundation
import Statistics

/// Agreement of raters with the head's preferences.
public struct HeadAgreement: Sendable {
    /// Pairs with similar margins.
    public struct Bin: Sendable {
        /// The smallest absolute margin in the bin, in logits.
        public let low: Double
        /// The largest absolute margin in the bin, in logits.
        public let high: Double
        public let pairCount: Int
        public let answerCount: Int
        /// Share of answers for the sample with the higher logit; a tie counts half.
        public let accuracy: Estimate
        /// The accuracy expected by the Bradley-Terry model: the mean of σ(|margin|).
        public let expected: Double
    }

    /// The least number of pairs per bin, unless there is only one bin.
    static let minimumBinSize = 5
    static let maximumBinCount = 4

    public let answerCount: Int
    /// Share of answers for the sample with the higher logit; ties, of answers or logits, count
    /// half.
    public let accuracy: Estimate
    /// Spearman's ρ of the margin and the share of answers for the chosen sample, over pairs.
    public let spearman: Estimate
    /// Quantile bins by ascending absolute margin.
    public let bins: [Bin]

    /// - Returns: Nil if no answered pair has a margin.
    init?(_ answers: [StudyAnswers.Answer], _ sampling: ProportionEstimator) {
        let answers = answers.filter { $0.pair.margin != nil }
        guard !answers.isEmpty else { return nil }
        func margin(of answer: StudyAnswers.Answer) -> Double {
            guard let margin = answer.pair.margin else {
                preconditionFailure("answers without a margin were left out")
            }
            return margin
        }
        func agreement(_ answer: StudyAnswers.Answer) -> Double {
            let margin = margin(of: answer)
            if margin == 0 { return 0.5 }
            return margin > 0 ? answer.preferenceValue : 1 - answer.preferenceValue
        }
        answerCount = answers.count
        accuracy = sampling.estimate(of: answers, agreement)
        func absoluteMargin(_ pair: [StudyAnswers.Answer]) -> Double {
            abs(margin(of: pair[0]))
        }
        let pairs = Dictionary(grouping: answers, by: \.pair.identity)
            .sorted { $0.key.lexicographicallyPrecedes($1.key) }.map(\.value)
        let margins = pairs.map { margin(of: $0[0]) }
        let shares = pairs.map { $0.map(\.preferenceValue).mean }
        func correlation(_ indices: [Int]) -> Double? {
            RankCorrelation(indices.map { margins[$0] }, indices.map { shares[$0] })?.spearman
        }
        spearman = Estimate(
            value: correlation(Array(pairs.indices)),
            interval: sampling.bootstrap(pairs.map { $0[0] }).interval(of: correlation))
        let ordered = pairs.sorted { absoluteMargin($0) < absoluteMargin($1) }
        let binCount = min(max(pairs.count / Self.minimumBinSize, 1), Self.maximumBinCount)
        bins = (0..<binCount).map { index in
            let range = index * pairs.count / binCount..<(index + 1) * pairs.count / binCount
            let binPairs = ordered[range]
            let binAnswers = binPairs.flatMap(\.self)
            return Bin(
                low: absoluteMargin(ordered[range.lowerBound]),
                high: absoluteMargin(ordered[range.upperBound - 1]),
                pairCount: binPairs.count, answerCount: binAnswers.count,
                accuracy: sampling.estimate(of: binAnswers, agreement),
                expected: binPairs.map { 1 / (1 + exp(-absoluteMargin($0))) }.mean)
        }
    }
}
