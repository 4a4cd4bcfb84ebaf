import Foundation
import Reward

/// How far people prefer what the head prefers.
public struct HeadAgreement: Sendable {
    /// Pairs of similar margins.
    public struct Bin: Sendable {
        /// Of the margins' absolute values, in logits.
        public let low: Double
        public let high: Double
        public let pairCount: Int
        public let answerCount: Int
        /// Share of answers for the one with the higher logit; a tie counts half.
        public let accuracy: Figure
        /// What Bradley and Terry expect of such margins: the mean of σ(|margin|).
        public let expected: Double
    }

    /// Fewer pairs than this make no bin.
    static let smallestBin = 5
    static let mostBins = 4

    public let answerCount: Int
    /// Share of answers for the one with the higher logit; ties, of people or logits, count half.
    public let accuracy: Figure
    /// Of a pair's margin and the share of answers for its chosen one.
    public let spearman: Figure
    /// By ascending margin, about equally many pairs each.
    public let bins: [Bin]

    /// Nil without answers to pairs that have a margin.
    init?(_ answers: [StudyAnswers.Answer], _ sampling: ShareSampling) {
        let answers = answers.filter { $0.pair.margin != nil }
        guard !answers.isEmpty else { return nil }
        func agreement(_ answer: StudyAnswers.Answer) -> Double {
            let margin = answer.pair.margin ?? 0
            if margin == 0 { return 0.5 }
            return margin > 0 ? answer.preferenceValue : 1 - answer.preferenceValue
        }
        answerCount = answers.count
        accuracy = sampling.figure(of: answers, agreement)
        func size(_ pair: [StudyAnswers.Answer]) -> Double { abs(pair[0].pair.margin ?? 0) }
        let pairs = Dictionary(grouping: answers, by: \.pair.identity)
            .sorted { $0.key.lexicographicallyPrecedes($1.key) }.map(\.value)
        let margins = pairs.map { $0[0].pair.margin ?? 0 }
        let shares = pairs.map { pair in
            pair.reduce(0) { $0 + $1.preferenceValue } / Double(pair.count)
        }
        func correlation(_ indices: [Int]) -> Double? {
            RankCorrelation(indices.map { margins[$0] }, indices.map { shares[$0] })?.spearman
        }
        spearman = Figure(
            value: correlation(Array(pairs.indices)),
            interval: sampling.bootstrap(pairs.map { $0[0] }).interval(of: correlation))
        let ordered = pairs.sorted { size($0) < size($1) }
        let binCount = min(max(pairs.count / Self.smallestBin, 1), Self.mostBins)
        bins = (0..<binCount).map { place in
            let part = ordered[
                place * pairs.count / binCount..<(place + 1) * pairs.count / binCount]
            let own = part.flatMap(\.self)
            return Bin(
                low: part.first.map(size) ?? 0, high: part.last.map(size) ?? 0,
                pairCount: part.count, answerCount: own.count,
                accuracy: sampling.figure(of: own, agreement),
                expected: part.reduce(0) { $0 + 1 / (1 + exp(-size($1))) } / Double(part.count))
        }
    }
}
