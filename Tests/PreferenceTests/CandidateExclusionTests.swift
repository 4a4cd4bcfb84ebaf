import Frames
import Preference
import Reward
import Scoring
import Testing
import TextFormats

@Suite struct CandidateExclusionTests {
    /// A candidate's name and its score, familiarity and degeneracy.
    private struct Entry {
        var name: String
        var logit: Double
        var unfamiliar: Double?
        var degeneracy: Degeneracy?
    }

    /// Black and noise have the highest logits, as from a head that extrapolates.
    private let entries = [
        Entry(name: "a", logit: 1, unfamiliar: 12.5),
        Entry(name: "black", logit: 9, unfamiliar: 50, degeneracy: .oneColour),
        Entry(name: "b", logit: -2),
        Entry(name: "strange", logit: -5, unfamiliar: 99.9),
        Entry(name: "c", logit: 3, unfamiliar: 99.7),
        Entry(name: "noise", logit: 11, unfamiliar: 100, degeneracy: .noise),
    ]

    private func rank(
        _ entries: [Entry], prompt: String? = "a cat", _ exclusion: CandidateExclusion = .init()
    ) -> RankedGroup {
        let group = CandidateGroup(
            name: "0001", prompt: prompt, candidates: entries.map { Candidate(input: $0.name) })
        return RankedGroup(group, exclusion: exclusion) { candidate in
            let found = entries.first { $0.name == candidate.input }
            return .scored(
                CandidateScore(
                    logit: found!.logit, unfamiliar: found!.unfamiliar,
                    degeneracy: found!.degeneracy)!)
        }
    }

    private func names(_ ranked: [RankedGroup.Ranked]) -> [String] {
        ranked.map(\.candidate.input)
    }

    @Test func `excluded candidates rank after all others, whatever their logit`() {
        let group = rank(entries)
        #expect(names(group.ranked) == ["c", "a", "b"])
        #expect(group.ranked.map(\.rank) == [1, 2, 3])
        // By hand: 3 - 1 and 1 - (-2). The last one has no margin to the excluded candidates.
        #expect(group.ranked.map(\.margin) == [2, 3, nil])
        #expect(group.excluded.map(\.candidate.input) == ["noise", "black", "strange"])
        #expect(group.excluded.map(\.rank) == [4, 5, 6])
        #expect(group.excluded.map(\.score.logit) == [11, 9, -5])
        #expect(
            group.excluded.map(\.reason) == [
                "noise", "one colour",
                "unfamiliar: 99.90 % of the samples of the training are more usual",
            ])
        #expect(group.failed.isEmpty && group.comparisonFailure == nil)
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
    func `exclusion follows the given limits`(
        maxUnfamiliar: Double, allowsDegenerate: Bool, winners: [String]
    ) {
        let exclusion = CandidateExclusion(
            maxUnfamiliar: maxUnfamiliar, allowsDegenerate: allowsDegenerate)
        let group = rank(entries, exclusion)
        #expect(names(group.ranked) == winners)
        #expect(group.ranked.count + group.excluded.count == entries.count)
    }

    @Test func `degenerate and very unfamiliar candidates are excluded by default`() {
        #expect(
            CandidateExclusion()
                == CandidateExclusion(
                    maxUnfamiliar: Familiarity.defaultMaximum, allowsDegenerate: false))
        #expect(rank(entries, .none).excluded.isEmpty)
    }

    @Test func `the reason given for an exclusion is kept`() {
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

    @Test func `rows of excluded candidates come last and give the reason`() throws {
        let rows = rank(entries).rows(provenance: [.init("version", .string("1"))])
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
        // All keys, in their order.
        #expect(
            rows[4].members.map(\.key) == [
                "group", "prompt", "input", "rank", "score", "logit", "unfamiliar", "degenerate",
                "excluded", "version",
            ])
    }

    @Test func `tables and CSV show excluded candidates`() throws {
        let rows = rank(entries).rows()
        #expect(
            RankFormat.csv.header
                == "group,prompt,rank,score,logit,logit_spread,margin,unfamiliar,degenerate,excluded,input,error"
                + ",model,fingerprint,encoder,precision,sampling,version"
        )
        #expect(RankFormat.csv.line(rows[4]).contains(",50.0,one colour,one colour,black,,"))
        #expect(RankFormat.table.line(rows[4]).hasSuffix("0001  black  (excluded: one colour)"))
        #expect(RankFormat.table.line(rows[0]).hasSuffix("0001  c"))
    }

    @Test func `excluded candidates are never selected`() {
        let all = Selection(rank(entries), best: 6)
        #expect(names(all.kept) == ["c", "a", "b"])
        #expect(names(Selection(rank(entries)).kept) == ["c"])
        let none = rank([entries[1], entries[5]])
        #expect(Selection(none, best: 2).kept.isEmpty)
    }

    @Test(arguments: PairPolicy.allCases)
    func `excluded candidates are never chosen and rejected only on request`(policy: PairPolicy) {
        let group = rank(entries)
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

    @Test func `an excluded candidate is rejected after all others`() {
        let group = rank([entries[0], entries[2], entries[3], entries[4]])
        func pairs(_ policy: PairPolicy) -> [String] {
            PairSelection(policy: policy, rejectsExcluded: true).pairs(of: group).pairs.map {
                "\($0.chosen.candidate.input)>\($0.rejected.candidate.input)"
            }
        }
        // In order: c 3, a 1, b -2, then the excluded strange -5.
        #expect(pairs(.bestWorst) == ["c>strange"])
        #expect(pairs(.adjacent) == ["c>a", "a>b", "b>strange"])
        #expect(pairs(.bestVsRest) == ["c>strange", "c>b", "c>a"])
        let plain = PairSelection().pairs(of: group).pairs
        #expect(names(plain.map(\.rejected)) == ["b"])
        #expect(plain.first?.rejected.rank == 3)
    }

    @Test func `an eligible and an excluded candidate form a pair only on request`() {
        let group = rank([entries[0], entries[3]])
        let (pairs, omitted) = PairSelection().pairs(of: group)
        #expect(pairs.isEmpty && omitted == [.tooFewScores: 1])
        let (asked, none) = PairSelection(rejectsExcluded: true).pairs(of: group)
        #expect(asked.count == 1 && none.isEmpty)
        #expect(asked.first?.rejected.candidate.input == "strange")
        #expect(asked.first?.rejected.rank == 2)
        #expect(asked.first?.row["rejected_unfamiliar"] == .number(99.9))
        // Two excluded candidates form no pair.
        let (lost, reasons) = PairSelection(policy: .all, rejectsExcluded: true)
            .pairs(of: rank([entries[1], entries[5]]))
        #expect(lost.isEmpty && reasons == [.tooFewScores: 1])
    }

    @Test func `an excluded candidate is rejected, however high its logit`() {
        let group = rank([entries[0], entries[1]])
        let (pairs, omitted) = PairSelection(minMargin: 1, rejectsExcluded: true).pairs(of: group)
        #expect(names(pairs.map(\.rejected)) == ["black"] && omitted.isEmpty)
        #expect(pairs.allSatisfy { $0.margin < 0 })
    }

    @Test func `a group needs at least one eligible candidate`() {
        #expect(rank([entries[0], entries[1], entries[5]]).comparisonFailure == nil)
        #expect(
            rank([entries[1], entries[5]]).comparisonFailure
                == "prompt 'a cat': none of 2 candidates may win (noise, one colour)")
        #expect(
            rank([entries[1]], prompt: nil).comparisonFailure
                == "group '0001': 1 of 1 candidate has a score; a comparison needs two")
        #expect(
            rank([entries[0]]).comparisonFailure
                == "prompt 'a cat': 1 of 1 candidate has a score; a comparison needs two")
        // The last row gives the comparisonFailure.
        let rows = rank([entries[1], entries[5]]).rows()
        #expect(rows.count == 3)
        #expect(
            rows.last?["error"]?.stringValue == rank([entries[1], entries[5]]).comparisonFailure)
        #expect(rows.last?["candidates"] == .integer(2))
    }

    @Test func `the notice counts reasons, the most frequent first`() {
        #expect([rank([entries[0], entries[2]])].exclusionNotice == nil)
        #expect([RankedGroup]().exclusionNotice == nil)
        #expect(
            [rank([entries[0], entries[1]])].exclusionNotice
                == "1 candidate must not win, whatever the score (one colour 1)")
        #expect(
            [rank(entries), rank([entries[0], entries[3]])].exclusionNotice
                == "4 candidates must not win, whatever the score "
                + "(unfamiliar 2, noise 1, one colour 1)")
    }

    @Test func `the notice gives the reason for the exclusion`() {
        // Degenerate candidates are allowed here; black is excluded as unfamiliar.
        let exclusion = CandidateExclusion(maxUnfamiliar: 20, allowsDegenerate: true)
        #expect(
            [rank([entries[0], entries[1]], exclusion)].exclusionNotice
                == "1 candidate must not win, whatever the score (unfamiliar 1)")
    }
}
