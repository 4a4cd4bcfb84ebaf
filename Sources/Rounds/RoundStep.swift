/// What a round consists of, in this order.
public enum RoundStep: String, Sendable, Hashable, CaseIterable {
    /// The generator's command fills `outputs/`.
    case generate
    /// Outputs become candidates of their prompts, and embeddings.
    case encode
    /// A head is trained: proxy data against the outputs, bootstrapped from them.
    case head
    /// Candidates are ranked and paired.
    case rank
    /// Data sets are written for trainers.
    case export
    /// Figures of the outputs.
    case evaluate
    /// The training command makes the next checkpoint.
    case train
    /// Figures of the outputs after the last training, in place of all that follows `encode`.
    case look

    /// The steps of a round.
    static let ofRound: [RoundStep] = [
        .generate, .encode, .head, .rank, .export, .evaluate, .train,
    ]
    /// The steps behind the last round, which only show what its training did.
    static let ofLastLook: [RoundStep] = [.generate, .encode, .look]
}
