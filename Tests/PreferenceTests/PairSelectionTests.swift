import Preference
import Testing

@Suite struct PairSelectionTests {
    private func group(
        _ logits: [Double], spreads: [Double]? = nil, name: String = "0001"
    ) -> RankedGroup {
        let names = logits.indices.map { "\(name)_\($0)" }
        let group = CandidateGroup(name: name, candidates: names.map { Candidate(input: $0) })
        return RankedGroup(group) { candidate in
            let index = names.firstIndex(of: candidate.input)!
            return .scored(
                CandidateScore(logit: logits[index], logitSpread: spreads?[index])!)
        }
    }

    private func names(_ pairs: [PreferencePair]) -> [String] {
        pairs.map {
            "\($0.chosen.candidate.input.suffix(1))>\($0.rejected.candidate.input.suffix(1))"
        }
    }

    @Test(arguments: [
        (PairPolicy.bestWorst, ["2>1"]),
        (.all, ["2>1", "2>3", "0>1", "2>0", "0>3", "3>1"]),
        (.adjacent, ["2>0", "0>3", "3>1"]),
        (.bestVsRest, ["2>1", "2>3", "2>0"]),
    ])
    func `a policy decides which candidates are paired`(policy: PairPolicy, expected: [String]) {
        // In order: 2, 0, 3, 1.
        let pairs = PairSelection(policy: policy).pairs(of: group([1, -2, 3, 0])).pairs
        #expect(names(pairs) == expected)
        #expect(pairs.allSatisfy { $0.margin > 0 })
    }

    @Test func `ties, narrow margins and wide spreads are omitted and counted`() {
        let ranked = group([1, 1, 0.9, -1], spreads: [0.1, 0.1, 0.1, 2])
        let (pairs, omitted) = PairSelection(policy: .all, minMargin: 0.5, maxSpread: 1)
            .pairs(of: ranked)
        #expect(pairs.isEmpty)
        // 0 and 1 are tied, 2 is too close to both, 3 has a wide spread.
        #expect(omitted == [.tie: 1, .narrowMargin: 2, .wideSpread: 3])
    }

    @Test func `a limit keeps the widest margins`() {
        let (pairs, omitted) = PairSelection(policy: .adjacent, maxPairsPerPrompt: 2)
            .pairs(of: group([10, 9, 5, 3]))
        #expect(names(pairs) == ["1>2", "2>3"])
        #expect(omitted == [.overLimit: 1])
    }

    @Test func `duplicate pairs are dropped, and sampling is deterministic`() {
        var list = PairList(PairSelection(policy: .all))
        list.add(group([1, 2, 3]))
        list.add(group([1, 2, 3]))
        list.add(group([1], name: "0002"))
        #expect(list.pairs.count == 3)
        #expect(list.omitted == [.duplicate: 3, .tooFewScores: 1])
        #expect(list.promptCount == 3)
        var (first, second) = (list, list)
        first.sample(2, seed: 5)
        second.sample(2, seed: 5)
        #expect(first.pairs == second.pairs)
        #expect(first.pairs.count == 2)
        #expect(first.omitted[.notSampled] == 1)
        #expect(list.pairs.filter(first.pairs.contains) == first.pairs)
    }
}
