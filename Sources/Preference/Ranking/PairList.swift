import Reward

/// The pairs of a run: each once, perhaps a random part of them, with what was left out.
public struct PairList: Sendable {
    /// Pairs that are the same for a trainer.
    private struct Identity: Hashable {
        let prompt: String
        let chosen: String
        let rejected: String
    }

    private let selection: PairSelection
    private var seen: Set<Identity> = []
    /// In the order of the prompts.
    public private(set) var pairs: [PreferencePair] = []
    /// Prompts that were looked at.
    public private(set) var promptCount = 0
    /// How many pairs were left out; of `tooFewScores`, how many prompts.
    public private(set) var omitted: [PairOmission: Int] = [:]

    public init(_ selection: PairSelection = .init()) {
        self.selection = selection
    }

    /// Adds the pairs of a prompt.
    public mutating func add(_ ranked: RankedGroup) {
        promptCount += 1
        let (found, left) = selection.pairs(of: ranked)
        omitted.merge(left, uniquingKeysWith: +)
        for pair in found {
            let identity = Identity(
                prompt: pair.group.prompt ?? pair.group.name,
                chosen: pair.chosen.candidate.input, rejected: pair.rejected.candidate.input)
            if seen.insert(identity).inserted {
                pairs.append(pair)
            } else {
                omitted[.duplicate, default: 0] += 1
            }
        }
    }

    /// Keeps so many of the pairs, drawn at random, in their order.
    public mutating func sample(_ count: Int, seed: UInt64) {
        guard count < pairs.count else { return }
        var generator = RandomGenerator(seed: seed, stream: .pairs)
        var places = Array(pairs.indices)
        generator.shuffle(&places)
        omitted[.notSampled, default: 0] += pairs.count - count
        pairs = places.prefix(count).sorted().map { pairs[$0] }
    }
}
