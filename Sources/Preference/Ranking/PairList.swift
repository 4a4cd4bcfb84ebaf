import OrderedCollections
import Statistics
import TextFormats

/// The pairs of a run, without duplicates, optionally a random sample, with counts of omissions.
public struct PairList: Sendable {
    /// Pairs with equal identities are duplicates for a trainer.
    private struct Identity: Hashable {
        let prompt: ByteString
        let chosen: ByteString
        let rejected: ByteString
    }

    private let selection: PairSelection
    private var pairsByIdentity: OrderedDictionary<Identity, PreferencePair> = [:]
    /// In the order of the prompts.
    public var pairs: [PreferencePair] { pairsByIdentity.values.elements }
    /// Number of prompts added.
    public private(set) var promptCount = 0
    /// Number of omitted pairs by reason; for `tooFewScores`, of prompts.
    public private(set) var omitted: [PairOmission: Int] = [:]

    /// The pairs of ranked groups, to which more can be added.
    public init(
        _ selection: PairSelection = .init(), of groups: some Sequence<RankedGroup> = []
    ) {
        self.selection = selection
        for group in groups { add(group) }
    }

    /// Adds the pairs of a prompt.
    public mutating func add(_ ranked: RankedGroup) {
        promptCount += 1
        let (newPairs, omissions) = selection.pairs(of: ranked)
        omitted.merge(omissions, uniquingKeysWith: +)
        for pair in newPairs {
            let identity = Identity(
                prompt: ByteString(pair.group.prompt ?? pair.group.name),
                chosen: ByteString(pair.chosen.candidate.input),
                rejected: ByteString(pair.rejected.candidate.input))
            if pairsByIdentity[identity] == nil {
                pairsByIdentity[identity] = pair
            } else {
                omitted[.duplicate, default: 0] += 1
            }
        }
    }

    /// Keeps at most `count` pairs, drawn at random, in their original order.
    public mutating func sample(_ count: Int, seed: UInt64) {
        let all = pairsByIdentity.elements
        guard count < all.count else { return }
        var generator = RandomGenerator(seed: seed, stream: .pairs)
        var indices = Array(all.indices)
        generator.shuffle(&indices)
        omitted[.notSampled, default: 0] += all.count - count
        pairsByIdentity = OrderedDictionary(
            uniqueKeysWithValues: indices.prefix(count).sorted().map { all[$0] })
    }
}
