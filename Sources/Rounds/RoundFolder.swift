import Foundation

/// Where the files of a round are, `00/` for the first.
public struct RoundFolder: Sendable, Hashable {
    public let path: String
    /// From 0.
    public let round: Int

    init(state: String, round: Int) {
        let number = String(round)
        path = "\(state)/\(number.count < 2 ? "0" + number : number)"
        self.round = round
    }

    /// One prompt a line, as the generator reads them.
    public var prompts: String { "\(path)/prompts.txt" }
    /// What the generator's command wrote.
    public var outputs: String { "\(path)/outputs" }
    /// The outputs by prompt, JSON lines; those that could not be read with their error.
    public var candidates: String { "\(path)/candidates.jsonl" }
    public var embeddings: String { "\(path)/embeddings.safetensors" }
    /// Those of degraded copies, if there are any.
    public var copies: String { "\(path)/copies.safetensors" }
    /// The reward model of this round.
    public var head: String { "\(path)/head.safetensors" }
    /// Where an interrupted training of the head waits for its continuation.
    var training: String { "\(path)/head.training" }
    /// What happened at every step of the head's training, JSON lines.
    public var trainingLog: String { logs + "/head.jsonl" }
    public var ranks: String { "\(path)/ranks.jsonl" }
    public var pairs: String { "\(path)/pairs.jsonl" }
    public var sft: String { "\(path)/sft.jsonl" }
    /// A folder for each format.
    public var exports: String { "\(path)/exports" }
    public var figures: String { "\(path)/figures.json" }
    public var logs: String { "\(path)/logs" }

    /// What a command wrote to standard output and standard error.
    public func log(of step: RoundStep) -> String { "\(logs)/\(step.rawValue).log" }
    /// How a command ended.
    func status(of step: RoundStep) -> String { "\(logs)/\(step.rawValue).status" }
}
