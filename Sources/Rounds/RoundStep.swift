/// The steps of a round, in order.
public enum RoundStep: String, Sendable, Hashable, CaseIterable {
    /// Runs the generator's command, which fills `outputs/`.
    case generate
    /// Groups the outputs by prompt and embeds them.
    case encode
    /// Trains a head on proxy data against the outputs, bootstrapped from part of them.
    case head
    /// Ranks the candidates and forms preference pairs.
    case rank
    /// Writes data sets for trainers.
    case export
    /// Computes the metrics of the outputs.
    case evaluate
    /// Runs the training command, which writes the next checkpoint.
    case train
    /// Computes the metrics of the outputs after the last training; replaces all steps after `encode`.
    case look

    /// Steps of a regular round.
    static let ofRound: [RoundStep] = [
        .generate, .encode, .head, .rank, .export, .evaluate, .train,
    ]
    /// Steps of the final evaluation, which follows the last round.
    static let ofFinalEvaluation: [RoundStep] = [.generate, .encode, .look]
}
