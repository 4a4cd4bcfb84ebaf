import JSON
public import Reward

/// What people preferred in a study, and how far the head agrees.
public struct StudyReport: Sendable {
    /// An answer, of whoever gave it.
    typealias Answer = StudyAnswers.Answer

    public let raterCount: Int
    /// Pairs that somebody answered, ties included.
    public let pairCount: Int
    public let promptCount: Int
    /// Answers, without those that were skipped.
    public let answerCount: Int
    public let skippedCount: Int
    public let wins: Int
    public let losses: Int
    public let ties: Int
    /// Share of answers for the chosen one among those that are no tie.
    public let winRate: Figure
    /// The same with a tie as half an answer.
    public let winRateWithTies: Figure
    public let tieShare: Figure
    /// Share of answers for the left side among those that are no tie; ½ if nobody favours a side.
    public let leftShare: Figure
    /// Between raters; nil if no two answered the same pair.
    public let agreement: NominalAgreement?
    public let alpha: Figure
    /// Nil if the pairs have no margins.
    public let head: HeadAgreement?
    /// Whether intervals are Wilson's, else they are bootstrapped over prompts.
    public let usesWilson: Bool
    public let resamples: Int
    public let seed: UInt64
    let answers: [Answer]

    /// Nil without answers.
    ///
    /// - Throws: `GANRMError.notAnswers` if a rater answered a pair twice: a file was named twice.
    public init?(
        _ raters: [StudyAnswers], resamples: Int = GroupBootstrap.usualResamples, seed: UInt64 = 0
    ) throws(GANRMError) {
        for (rater, files) in Dictionary(grouping: raters, by: \.rater) {
            let pairs = files.flatMap { $0.answers.map(\.pair.identity) }
            guard Set(pairs).count == pairs.count || files.count == 1 else {
                throw .notAnswers(
                    path: rater,
                    reason: "this rater answers a pair in two files; name each rater's answers once"
                )
            }
        }
        let all = raters.flatMap(\.answers)
        let answers = all.filter { $0.preference != nil }
        guard !answers.isEmpty else { return nil }
        let prompts = Set(answers.map(\.pair.prompt))
        let sampling = ShareSampling(
            // Answers to one prompt resemble each other; one answer each is independent of the others.
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
        winRate = sampling.figure(of: decided) { $0.preferenceValue }
        winRateWithTies = sampling.figure(of: answers) { $0.preferenceValue }
        tieShare = sampling.figure(of: answers) { $0.preference == .tie ? 1 : 0 }
        leftShare = sampling.figure(of: decided) { $0.side == .left ? 1 : 0 }
        let units = Dictionary(grouping: answers, by: \.pair.identity)
            .sorted { $0.key.lexicographicallyPrecedes($1.key) }.map(\.value)
        func agreement(_ indices: [Int]) -> NominalAgreement? {
            NominalAgreement(indices.map { units[$0].compactMap(\.preference) })
        }
        self.agreement = agreement(Array(units.indices))
        alpha = Figure(
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
    /// 1 for the chosen one, 0 for the other, ½ for a tie.
    var preferenceValue: Double {
        switch preference {
        case .chosen: 1
        case .rejected: 0
        case .tie, nil: 0.5
        }
    }
}
