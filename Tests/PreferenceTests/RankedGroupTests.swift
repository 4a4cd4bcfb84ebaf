import Preference
import Testing

@Suite struct RankedGroupTests {
    /// Ranks inputs by logit; a nil logit is a failed candidate.
    private func rank(_ logits: [(String, Double?)]) -> RankedGroup {
        let group = CandidateGroup(
            name: "0001", prompt: "a cat", candidates: logits.map { Candidate(input: $0.0) })
        let logitByInput = Dictionary(uniqueKeysWithValues: logits)
        return RankedGroup(group) { candidate in
            guard let logit = logitByInput[candidate.input] ?? nil,
                let score = CandidateScore(logit: logit)
            else { return .failed("no score") }
            return .scored(score)
        }
    }

    @Test func `candidates are sorted by descending logit, ties in input order`() {
        let ranked = rank([("a", 1), ("b", 2.5), ("c", 1), ("d", -3)]).ranked
        #expect(ranked.map(\.candidate.input) == ["b", "a", "c", "d"])
        #expect(ranked.map(\.rank) == [1, 2, 3, 4])
        #expect(ranked.map(\.margin) == [1.5, 0, 4, nil])
    }

    @Test func `candidates without a finite logit are never ranked`() {
        let group = rank([("a", .nan), ("b", -90), ("c", nil), ("d", .infinity)])
        #expect(group.ranked.map(\.candidate.input) == ["b"])
        #expect(group.failed.map(\.candidate.input) == ["a", "c", "d"])
        #expect(
            group.comparisonFailure
                == "prompt 'a cat': 1 of 4 candidates has a score; a comparison needs two")
    }
}
