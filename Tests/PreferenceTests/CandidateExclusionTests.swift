import Frames
import JSON
import Preference
import Reward
import Testing

@Suite struct CandidateExclusionTests {
    /// A candidate's name and what is known of it.
    private struct Known {
        var name: String
        var logit: Double
        var unfamiliar: Double?
        var degeneracy: Degeneracy?
    }

    /// Black and noise have the highest logits, as of a head that extrapolates.
    private let known = [
        Known(name: "a", logit: 1, unfamiliar: 12.5),
        Known(name: "black", logit: 9, unfamiliar: 50, degeneracy: .oneColour),
        Known(name: "b", logit: -2),
        Known(name: "strange", logit: -5, unfamiliar: 99.9),
        Known(name: "c", logit: 3, unfamiliar: 99.7),
        Known(name: "noise", logit: 11, unfamiliar: 100, degeneracy: .noise),
    ]

    private func rank(
        _ known: [Known], prompt: String? = "a cat", _ exclusion: CandidateExclusion = .init()
    ) -> RankedGroup {
        let group = CandidateGroup(
            name: "0001", prompt: prompt, candidates: known.map { Candidate(input: $0.name) })
        return RankedGroup(group, exclusion: exclusion) { candidate in
            let found = known.first { $0.name == candidate.input }
            return .scored(
                CandidateScore(
                    logit: found!.logit, unfamiliar: found!.unfamiliar,
                    degeneracy: found!.degeneracy)!)
        }
    }

    private func names(_ ranked: [RankedGroup.Ranked]) -> [String] {
        ranked.map(\.candidate.input)
    }

    @Test func `what must not win stands behind all that may, whatever its logit`() {
        let group = rank(known)
        #expect(names(group.ranked) == ["c", "a", "b"])
        #expect(group.ranked.map(\.rank) == [1, 2, 3])
        // By hand: 3 − 1, 1 − -2; the last one's margin is not to what must not win.
        #expect(group.ranked.map(\.margin) == [2, 3, nil])
        #expect(group.excluded.map(\.candidate.input) == ["noise", "black", "strange"])
        #expect(group.excluded.map(\.rank) == [4, 5, 6])
        #expect(group.excluded.map(\.score.logit) == [11, 9, -5])
        #expect(
            group.excluded.map(\.reason) == [
                "noise", "one colour",
                "unfamiliar: 99.90 % of the samples of the training are more usual",
            ])
        #expect(group.failed.isEmpty && group.shortfall == nil)
    }

    @Test(
        arguments: [
            (99.7, false, ["c", "a", "b"]),
            (99.95, false, ["c", "a", "b", "strange"]),
            (10, false, ["b"]),
            (12.5, false, ["a", "b"]),
            (99.7, true, ["black", "c", "a", "b"]),
            (100, false, ["c", "a", "b", "strange"]),
            (100, true, ["noise", "black", "c", "a", "b", "strange"]),
        ] as [(Double, Bool, [String])])
    func `limits decide who may win`(
        maxUnfamiliar: Double, allowsDegenerate: Bool, winners: [String]
    ) {
        let exclusion = CandidateExclusion(
            maxUnfamiliar: maxUnfamiliar, allowsDegenerate: allowsDegenerate)
        let group = rank(known, exclusion)
        #expect(names(group.ranked) == winners)
        #expect(group.ranked.count + group.excluded.count == known.count)
    }

    @Test func `usually nothing wins that shows nothing or is beyond the usual maximum`() {
        #expect(
            CandidateExclusion()
                == CandidateExclusion(
                    maxUnfamiliar: Familiarity.usualMaximum, allowsDegenerate: false))
        #expect(rank(known, .none).excluded.isEmpty)
    }

    @Test func `a reason that came with a score is kept`() {
        let group = CandidateGroup(
            name: "0001", candidates: ["a", "b", "c"].map { Candidate(input: $0) })
        let ranked = RankedGroup(group, exclusion: .none) { candidate in
            let score = CandidateScore(logit: candidate.input == "b" ? 5 : 1)!
            return candidate.input == "b"
                ? .excluded(score, reason: "somebody said so") : .scored(score)
        }
        #expect(names(ranked.ranked) == ["a", "c"])
        #expect(ranked.excluded.map(\.reason) == ["somebody said so"])
    }

    @Test func `rows of what must not win say why, and stand last`() throws {
        let rows = rank(known).rows(provenance: [.init("version", .string("1"))])
        #expect(
            rows.map { $0["input"]?.stringValue }
                == ["c", "a", "b", "noise", "black", "strange"])
        #expect(rows.map { $0["rank"]?.integerValue } == [1, 2, 3, 4, 5, 6])
        #expect(
            rows.map { $0["excluded"]?.stringValue } == [
                nil, nil, nil, "noise", "one colour",
                "unfamiliar: 99.90 % of the samples of the training are more usual",
            ])
        #expect(
            rows.map { $0["degenerate"]?.stringValue }
                == [nil, nil, nil, "noise", "one colour", nil])
        #expect(
            rows.map { $0["unfamiliar"]?.doubleValue } == [99.7, 12.5, nil, 100, 50, 99.9])
        #expect(rows.allSatisfy { $0["prompt"] == .string("a cat") && $0["version"] != nil })
        #expect(rows.suffix(3).allSatisfy { $0["margin"] == nil })
        // Whole, once: the keys and their order.
        #expect(
            rows[4].members?.map(\.key) == [
                "group", "prompt", "input", "rank", "score", "logit", "unfamiliar", "degenerate",
                "excluded", "version",
            ])
    }

    @Test func `tables and CSV show who must not win`() throws {
        let rows = rank(known).rows()
        #expect(
            RankFormat.csv.header
                == "group,prompt,rank,score,logit,logit_spread,margin,unfamiliar,degenerate,excluded,input,error"
        )
        #expect(RankFormat.csv.line(rows[4]).hasSuffix(",50.0,one colour,one colour,black,"))
        #expect(RankFormat.table.line(rows[4]).hasSuffix("0001  black  (excluded: one colour)"))
        #expect(RankFormat.table.line(rows[0]).hasSuffix("0001  c"))
    }

    @Test func `what must not win is never selected`() {
        let all = Selection(rank(known), best: 6)
        #expect(names(all.kept) == ["c", "a", "b"])
        #expect(names(Selection(rank(known)).kept) == ["c"])
        let none = rank([known[1], known[5]])
        #expect(Selection(none, best: 2).kept.isEmpty)
    }

    @Test(arguments: PairPolicy.allCases)
    func `what must not win is never chosen, and rejected only if asked for`(policy: PairPolicy) {
        let group = rank(known)
        let excluded: Set = ["black", "noise", "strange"]
        for rejects in [false, true] {
            let selection = PairSelection(policy: policy, rejectsExcluded: rejects)
            let pairs = selection.pairs(of: group).pairs
            #expect(names(pairs.map(\.chosen)).allSatisfy { !excluded.contains($0) })
            #expect(
                pairs.allSatisfy {
                    $0.margin > 0 || excluded.contains($0.rejected.candidate.input)
                })
            let rejected = Set(names(pairs.map(\.rejected)))
            #expect(rejected.isDisjoint(with: excluded) || rejects)
        }
    }

    @Test func `an excluded candidate is rejected behind all others`() {
        let group = rank([known[0], known[2], known[3], known[4]])
        func pairs(_ policy: PairPolicy) -> [String] {
            PairSelection(policy: policy, rejectsExcluded: true).pairs(of: group).pairs.map {
                "\($0.chosen.candidate.input)>\($0.rejected.candidate.input)"
            }
        }
        // In order: c 3, a 1, b -2, and behind them strange -5.
        #expect(pairs(.bestWorst) == ["c>strange"])
        #expect(pairs(.adjacent) == ["c>a", "a>b", "b>strange"])
        #expect(pairs(.bestVsRest) == ["c>strange", "c>b", "c>a"])
        let plain = PairSelection().pairs(of: group).pairs
        #expect(names(plain.map(\.rejected)) == ["b"])
        #expect(plain.first?.rejected.rank == 3)
    }

    @Test func `one that may win and one that must not are a pair only if asked for`() {
        let group = rank([known[0], known[3]])
        let (pairs, omitted) = PairSelection().pairs(of: group)
        #expect(pairs.isEmpty && omitted == [.tooFewScores: 1])
        let (asked, none) = PairSelection(rejectsExcluded: true).pairs(of: group)
        #expect(asked.count == 1 && none.isEmpty)
        #expect(asked.first?.rejected.candidate.input == "strange")
        #expect(asked.first?.rejected.rank == 2)
        #expect(asked.first?.row["rejected_unfamiliar"] == .number(99.9))
        // Two that must not win say nothing of each other.
        let (lost, reasons) = PairSelection(policy: .all, rejectsExcluded: true)
            .pairs(of: rank([known[1], known[5]]))
        #expect(lost.isEmpty && reasons == [.tooFewScores: 1])
    }

    @Test func `a failure is rejected however high its logit`() {
        let group = rank([known[0], known[1]])
        let (pairs, omitted) = PairSelection(minMargin: 1, rejectsExcluded: true).pairs(of: group)
        #expect(names(pairs.map(\.rejected)) == ["black"] && omitted.isEmpty)
        #expect(pairs.allSatisfy { $0.margin < 0 })
    }

    @Test func `one that may win is enough, none is not`() {
        #expect(rank([known[0], known[1], known[5]]).shortfall == nil)
        #expect(
            rank([known[1], known[5]]).shortfall
                == "prompt 'a cat': none of 2 candidates may win (noise, one colour)")
        #expect(
            rank([known[1]], prompt: nil).shortfall
                == "group '0001': 1 of 1 candidate has a score; a comparison needs two")
        #expect(
            rank([known[0]]).shortfall
                == "prompt 'a cat': 1 of 1 candidate has a score; a comparison needs two")
        // The sentence is the last row.
        let rows = rank([known[1], known[5]]).rows()
        #expect(rows.count == 3)
        #expect(rows.last?["error"]?.stringValue == rank([known[1], known[5]]).shortfall)
        #expect(rows.last?["candidates"] == .integer(2))
    }

    @Test func `a notice counts reasons, the most frequent first`() {
        #expect([rank([known[0], known[2]])].exclusionNotice == nil)
        #expect([RankedGroup]().exclusionNotice == nil)
        #expect(
            [rank([known[0], known[1]])].exclusionNotice
                == "1 candidate must not win, whatever the score (one colour 1)")
        #expect(
            [rank(known), rank([known[0], known[3]])].exclusionNotice
                == "4 candidates must not win, whatever the score "
                + "(unfamiliar 2, noise 1, one colour 1)")
    }

    @Test func `a notice gives the reason for which a candidate is out`() {
        // Black may win here; it is out for being unlike the training.
        let exclusion = CandidateExclusion(maxUnfamiliar: 20, allowsDegenerate: true)
        #expect(
            [rank([known[0], known[1]], exclusion)].exclusionNotice
                == "1 candidate must not win, whatever the score (unfamiliar 1)")
    }
}
