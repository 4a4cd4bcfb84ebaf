import Statistics

/// Estimates proportions of answers with confidence intervals.
struct ProportionEstimator {
    /// Whether each answer belongs to a different prompt. If so, intervals are Wilson score
    /// intervals, else they are bootstrapped over prompts.
    let isIndependent: Bool
    /// Bootstrap resamples, at least 1.
    let resamples: Int
    let seed: UInt64

    /// The mean of a value over answers.
    ///
    /// - Parameter value: The value of an answer, 0…1.
    func estimate(
        of answers: [StudyAnswers.Answer], _ value: (StudyAnswers.Answer) -> Double
    ) -> Estimate {
        let values = answers.map(value)
        guard !values.isEmpty else { return Estimate(value: nil, interval: nil) }
        let interval =
            isIndependent
            ? ConfidenceInterval(wilson: values.reduce(0, +), of: values.count)
            : bootstrap(answers).interval { indices in indices.map { values[$0] }.mean }
        return Estimate(value: values.mean, interval: interval)
    }

    /// The bootstrap over the prompts of answers.
    func bootstrap(_ answers: [StudyAnswers.Answer]) -> GroupBootstrap {
        GroupBootstrap(groups: answers.map(\.pair.prompt), resamples: resamples, seed: seed)
    }
}
