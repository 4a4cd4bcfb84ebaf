import Statistics
public import Tensors

/// One head, or an ensemble of several.
///
/// A sample's logit is the mean of the members' logits; their spread measures its uncertainty.
public struct HeadEnsemble: Sendable {
    /// At least one, all of one width.
    public let members: [RewardHead]
    /// Whether candidates are ordered by the members' votes instead of their mean logit.
    public let isVoting: Bool

    public init(_ members: [RewardHead], isVoting: Bool = false) {
        precondition(Set(members.map(\.width)).count == 1, "heads of one width")
        self.members = members
        self.isVoting = isVoting
    }

    public init(_ head: RewardHead) {
        self.init([head])
    }

    /// Embedding width, `D`.
    public var width: Int { members[0].width }

    /// The scores of embeddings `[n, D]`.
    public func scores(_ embeddings: Tensor) -> [Score] {
        let logits = members.map { $0.logits(embeddings).elements }
        return (0..<embeddings.shape[0]).map { row in
            Score(memberLogits: logits.map { Double($0[2 * row + 1]) - Double($0[2 * row]) })
        }
    }

    public func scores(of examples: [Example]) -> [Score] {
        scores(
            Tensor(shape: [examples.count, width], elements: examples.flatMap(\.embedding)))
    }

    /// The mean logit of each example.
    public func logits(of examples: [Example]) -> [Double] {
        scores(of: examples).map { $0.logit }
    }

    /// Indices of the candidates, best first.
    ///
    /// Candidates are sorted by mean logit. A voting ensemble sorts them by the mean of its
    /// members' mid-ranks first, then by mean logit. The sort is stable.
    public func order(_ candidates: [Score]) -> [Int] {
        let votes: [Double]
        if isVoting {
            let ranks = members.indices.map { member in
                midRanks(of: candidates.map { -$0.memberLogits[member] })
            }
            // Mid-ranks are multiples of 0.5: sums are exact, and equal votes compare equal.
            votes = candidates.indices.map { index in ranks.reduce(0) { $0 + $1[index] } }
        } else {
            votes = Array(repeating: 0, count: candidates.count)
        }
        return candidates.indices.sorted {
            (votes[$0], -candidates[$0].logit, $0) < (votes[$1], -candidates[$1].logit, $1)
        }
    }
}
