import Reward

/// Gives shares of answers their intervals.
struct ShareSampling {
    /// Whether every answer is of a prompt of its own: Wilson's interval, else a bootstrap over prompts.
    let isIndependent: Bool
    let resamples: Int
    let seed: UInt64

    /// The mean of a value in 0…1.
    func figure(
        of answers: [StudyAnswers.Answer], _ value: (StudyAnswers.Answer) -> Double
    ) -> Figure {
        let values = answers.map(value)
        let sum = values.reduce(0, +)
        guard !values.isEmpty else { return Figure(value: nil, interval: nil) }
        let interval =
            isIndependent
            ? ConfidenceInterval(wilson: sum, of: values.count)
            : bootstrap(answers).interval { indices in
                indices.reduce(0) { $0 + values[$1] } / Double(indices.count)
            }
        return Figure(value: sum / Double(values.count), interval: interval)
    }

    func bootstrap(_ answers: [StudyAnswers.Answer]) -> GroupBootstrap {
        GroupBootstrap(groups: answers.map(\.pair.prompt), resamples: resamples, seed: seed)
    }
}
