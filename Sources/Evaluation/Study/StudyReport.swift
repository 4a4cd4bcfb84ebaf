public import Statistics
import TextFormats

/// The results of a study: win rates, agreement between raters, and agreement with the head.
public struct StudyReport: Sendable {
    typealias Answer = StudyAnswers.Answer

    public let raterCount: Int
    /// Distinct pairs with at least one answer, ties included.
    public let pairCount: Int
    public let promptCount: Int
    /// Answers, ties included, without skipped pairs.
    public let answerCount: Int
    public let skippedCount: Int
    /// Answers for the chosen sample.
    public let wins: Int
    /// Answers for the rejected sample.
    public let losses: Int
    public let ties: Int
    /// Share of answers for the chosen sample, without ties.
    public let winRate: Estimate
    /// Share of answers for the chosen sample, with a tie as half an answer.
    public let winRateWithTies: Estimate
    public let tieShare: Estimate
    /// Share of answers for the left side, without ties; ½ if there is no position bias.
    public let leftShare: Estimate
    /// Agreement between raters; nil if no pair was answered by two raters.
    public let agreement: NominalAgreement?
    /// Krippendorff's alpha of `agreement`.
    public let alpha: Estimate
    /// Agreement with the head; nil if the pairs have no margins.
    public let head: HeadAgreement?
    /// Whether intervals are Wilson score intervals; if not, they are bootstrapped over prompts.
    public let usesWilson: Bool
    /// Bootstrap resamples per confidence interval.
    public let resamples: Int
    /// Seed of the bootstrap.
    public let seed: UInt64
    let answers: [Answer]

    /// - Returns: Nil without answers.
    /// - Throws: `EvaluationError.notAnswers` if two files of a rater answer the same pair, such as when
    ///   a file is given twice.
    public init?(
        _ raters: [StudyAnswers], resamples: Int = GroupBootstrap.defaultResampleCount,
        seed: UInt64 = 0
    ) throws(EvaluationError) {
        for (rater, files) in Dictionary(grouping: raters, by: { ByteString($0.rater) }) {
            let pairs = files.flatMap { $0.answers.map(\.pair.identity) }
            guard Set(pairs).count == pairs.count || files.count == 1 else {
                throw .notAnswers(
                    path: rater.text,
                    reason: "this rater answers a pair in two files; name each rater's answers once"
                )
            }
        }
        let all = raters.flatMap(\.answers)
        let answers = all.filter { $0.preference != nil }
        guard !answers.isEmpty else { return nil }
        let prompts = Set(answers.map { ByteString($0.pair.prompt) })
        let sampling = ProportionEstimator(
            // Answers to the same prompt are correlated; with one answer per prompt all are
            // independent.
            isIndependent: prompts.count == answers.count, resamples: resamples, seed: seed)
        let decided = answers.filter { $0.preference != .tie }

        raterCount = raters.count
        pairCount = Set(answers.map(\.pair.identity)).count
        promptCount = prompts.count
        answerCount = answers.count
        skippedCount = all.count - answers.count
        wins = answers.count { $0.preference == .chosen }
        losses = answers.count { $0.preference == .rejected }
        ties = answers.count - decided.count
        winRate = sampling.estimate(of: decided) { $0.preferenceValue }
        winRateWithTies = sampling.estimate(of: answers) { $0.preferenceValue }
        tieShare = sampling.estimate(of: answers) { $0.preference == .tie ? 1 : 0 }
        leftShare = sampling.estimate(of: decided) { $0.side == .left ? 1 : 0 }
        let units = Dictionary(grouping: answers, by: \.pair.identity)
            .sorted { $0.key.lexicographicallyPrecedes($1.key) }.map(\.value)
        func agreement(_ indices: [Int]) -> NominalAgreement? {
            NominalAgreement(indices.map { units[$0].compactMap(\.preference) })
        }
        self.agreement = agreement(Array(units.indices))
        alpha = Estimate(
            value: self.agreement?.alpha,
            interval: GroupBootstrap(
                groups: units.map { $0[0].pair.prompt }, resamples: resamples, seed: seed
            ).interval { agreement($0)?.alpha })
        head = HeadAgreement(answers, sampling)
        usesWilson = sampling.isIndependent
        self.resamples = resamples
        self.seed = seed
        self.answers = answers
    }
}

extension StudyAnswers.Answer {
    /// 1 for the chosen sample, 0 for the rejected one, ½ for a tie.
    var preferenceValue: Double {
        switch preference {
        case .chosen: 1
        case .rejected: 0
        case .tie, nil: 0.5
        }
    }
}
