import Foundation
import Frames
import Metrics
import Pipeline
import Preference
import Scoring
import Statistics
import TestSupport
import Testing
import TextFormats

@Suite struct BestOfKTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func metrics(_ input: String, _ prompt: String?, _ values: [Double]) -> ScoreRow {
        var row = ScoreRow(input: input, extras: [])
        row.prompt = prompt
        row.metrics = zip(["clipscore", "pickscore"], values).map { ($0, $1) }
        return row
    }

    private func table(_ rows: [ScoreRow]) throws -> MetricTable {
        var table = MetricTable()
        for row in rows { try table.add(row) }
        return table
    }

    private func score(
        _ input: String, _ prompt: String?, _ logit: Double, model: String = "default"
    ) -> ScoreRow {
        var row = ScoreRow(input: input, extras: [])
        row.prompt = prompt
        row.logit = logit
        row.setProvenance(
            model: .init(name: model, fingerprint: "0", encoder: "e"), precision: "bf16",
            sampling: .uniform(UniformSampling(frameCount: 1)), version: "1")
        return row
    }

    private func failed(_ input: String) -> ScoreRow {
        var row = ScoreRow(input: input, extras: [])
        row.failure = "it is no picture"
        return row
    }

    private func joined(_ scores: [ScoreRow], _ metrics: [ScoreRow]) throws -> RankedMetrics {
        let path = try folder.write(
            scores.map(\.description).joined(separator: "\n"), to: "scores.jsonl")
        return try RankedMetrics(scores: path, metrics: try table(metrics))
    }

    @Test(arguments: 0..<3)
    func `values and intervals match NumPy and SciPy`(index: Int) throws {
        let golden = try BestOfGolden.load()[index]
        // Rows keep single precision: the values are passed in memory.
        var rows: [ScoreRow] = []
        let groups = golden.prompts.map { prompt in
            for candidate in prompt.candidates {
                let members = zip(golden.lines.map(\.name), candidate.values).map {
                    JSONValue.Member($0, .number($1))
                }
                rows.append(
                    ScoreRow(members: [
                        .init("input", .string(candidate.input)),
                        .init("metrics", .object(members)),
                    ]))
            }
            return RankedGroup(
                CandidateGroup(
                    name: prompt.group,
                    candidates: prompt.candidates.map { Candidate(input: $0.input) }),
                exclusion: .none
            ) { candidate in
                guard let found = prompt.candidates.first(where: { $0.input == candidate.input }),
                    let score = CandidateScore(logit: found.logit)
                else { return .failed("no score") }
                return found.excluded ? .excluded(score, reason: "black") : .scored(score)
            }
        }
        let found = try BestOfK(
            RankedMetrics(groups, metrics: table(rows)), top: golden.top,
            resamples: golden.resamples)
        #expect(found.promptCount == golden.kept && found.candidateCount == golden.candidates)
        #expect(found.omittedPromptCount == golden.prompts.count - golden.kept)
        #expect(found.lines.map(\.name) == golden.lines.map(\.name))
        for (line, expected) in zip(found.lines, golden.lines) {
            check(line.all, expected.all)
            check(try #require(line.spearman), expected.spearman)
            check(try #require(line.kendall), expected.kendall)
            #expect(line.points.map(\.k) == expected.top.map(\.k))
            for (point, expected) in zip(line.points, expected.top) {
                check(point.best, expected.best)
                check(point.worst, expected.worst)
                check(point.gain, expected.gain)
            }
        }
    }

    private func check(_ found: BestOfK.Estimate, _ expected: BestOfGolden.Estimate) {
        #expect(abs(found.mean - expected.mean) <= 1e-12 * max(1, abs(expected.mean)))
        for (value, expected) in [
            (found.interval?.low, expected.low), (found.interval?.high, expected.high),
        ] {
            #expect(abs((value ?? .nan) - expected) <= 1e-12 * max(1, abs(expected)))
        }
    }

    /// A reward of random numbers, one that is constant, and one that knows the metric.
    @Test func `a useless reward gains nothing`() throws {
        var generator = RandomGenerator(seed: 8, stream: 1)
        var (values, logits): ([[Double]], [[Double]]) = ([], [])
        for prompt in 0..<200 {
            values.append((0..<6).map { _ in Double(prompt % 7) + Double(generator.uniform()) })
            logits.append((0..<6).map { _ in Double(generator.uniform()) })
        }
        func bestOf(_ logit: (_ prompt: Int, _ candidate: Int) -> Double) throws -> BestOfK.Line {
            let inputs = values.indices.flatMap { prompt in (0..<6).map { (prompt, $0) } }
            // The file is in the order of the metric, best first, which must not help.
            let sorted = inputs.sorted { values[$0.0][$0.1] > values[$1.0][$1.1] }
            return try #require(
                try BestOfK(
                    joined(
                        sorted.map { score("\($0.0)-\($0.1)", "\($0.0)", logit($0.0, $0.1)) },
                        inputs.map { metrics("\($0.0)-\($0.1)", nil, [values[$0.0][$0.1]]) })
                ).lines.first)
        }
        let random = try bestOf { logits[$0][$1] }
        for point in random.points.dropLast() {
            let interval = try #require(point.gain.interval)
            #expect(interval.low < 0 && interval.high > 0)
        }
        let correlation = try #require(random.spearman?.interval)
        #expect(correlation.low < 0 && correlation.high > 0)
        let constant = try bestOf { _, _ in 1 }
        #expect(constant.points.allSatisfy { $0.gain == .init(mean: 0) && $0.best == constant.all })
        #expect(constant.spearman == nil && constant.kendall == nil)
        let knowing = try bestOf { values[$0][$1] }
        #expect(knowing.points.dropLast().allSatisfy { ($0.gain.interval?.low ?? 0) > 0 })
        #expect(knowing.points.dropLast().allSatisfy { $0.worst.mean < knowing.all.mean })
        #expect(knowing.points.last?.gain == .init(mean: 0))
        #expect(abs((knowing.spearman?.mean ?? 0) - 1) < 1e-12)
    }

    @Test func `what is left out is counted`() throws {
        var black = score("a3", "a", 9)
        black.degeneracy = .noise
        let found = try joined(
            [
                score("a1", "a", 1), score("a2", "a", 2), black, failed("a4"), score("a5", "a", 3),
                score("a6", "a", 4), score("b1", nil, 1), score("c1", nil, 1), score("d1", nil, 1),
                score("a7", "a", 5),
            ],
            [
                metrics("a1", "a", [1, 0]), metrics("a2", "a", [2, 0]), metrics("a3", "a", [3, 0]),
                metrics("a4", "a", [4, 0]), failed("a5"), metrics("b1", "b", [5, 0]),
                metrics("c1", nil, [6, 0]), metrics("e1", "e", [7, 0]),
                metrics("a7", "f", [8, 0]),
            ])
        var expected = CandidateOmissions()
        expected.withoutScore = 2  // a7, e1
        expected.failedScores = 1  // a4
        expected.withoutMetrics = 2  // a6, d1
        expected.otherPrompt = 1  // a7
        expected.failedMetrics = 1  // a5
        expected.withoutPrompt = 1  // c1
        expected.excluded = 1  // a3
        #expect(found.omissions == expected)
        #expect(found.omissions.sentences.count == 7)
        // The excluded candidate stands last in spite of its logit.
        #expect(found.prompts.map { $0.candidates.map(\.input) } == [["a2", "a1", "a3"], ["b1"]])
        let bestOf = try BestOfK(found)
        #expect((bestOf.promptCount, bestOf.omittedPromptCount) == (1, 1))
        #expect(bestOf.notices.count == 8)
        #expect(bestOf.lines.first?.points.map(\.best.mean) == [2, 1.5, 2])
        #expect(bestOf.lines.first?.points.map(\.worst.mean) == [3, 2, 2])
    }

    /// What `ganrm rank` excluded, by whatever limits, it tells in its rows.
    @Test func `rows of ranks keep their exclusions`() throws {
        var (first, second) = (score("a1", "a", 1), score("a2", "a", 2))
        (first.rank, second.rank) = (1, 2)
        second.exclusion = "unfamiliar"
        first.degeneracy = .noise
        let rows = [metrics("a1", "a", [1, 0]), metrics("a2", "a", [2, 0])]
        let found = try joined([first, second], rows)
        #expect(found.prompts.first?.candidates.map(\.isExcluded) == [false, true])
    }

    @Test func `a file that is a candidate of two prompts has the metrics of each`() throws {
        let found = try joined(
            [score("x", "a", 1), score("y", "a", 2), score("x", "b", 1), score("z", "b", 0)],
            [
                metrics("x", "b", [1, 0]), metrics("x", "a", [2, 0]), metrics("y", "a", [3, 0]),
                metrics("z", "b", [4, 0]),
            ])
        #expect(
            found.prompts.map { $0.candidates.map { $0.values[0] } } == [[3, 2], [1, 4]])
        #expect(found.omissions == CandidateOmissions())
    }

    @Test func `rows that do not belong together are refused`() throws {
        let (a, b) = (score("a", "p", 1), score("b", "p", 2))
        let (x, y) = (metrics("a", "p", [1, 0]), metrics("b", "p", [2, 0]))
        for (scores, metrics, reason) in [
            ([a, b], [x, x, y], "several rows of metrics"),
            ([a, a, b], [x, y], "comes twice"),
            ([score("a", nil, 1), score("a", nil, 1)], [y], "comes twice"),
            ([a], [metrics("a", "q", [1, 0])], "metrics of one prompt"),
            ([score("./a", "p", 1), b], [x], "compared as they are written"),
            // "é" in two forms.
            ([score("caf\u{e9}", "p", 1)], [metrics("cafe\u{301}", "p", [1, 0])], "compared as"),
            ([score("a", nil, 1)], [metrics("a", nil, [1, 0])], "has a prompt"),
            ([a, score("b", "p", 2, model: "other")], [x, y], "other lines by"),
            ([failed("a")], [x], "compared as"),
        ] {
            let error = #expect(throws: (any Error).self) { try joined(scores, metrics) }
            #expect(
                "\(error.map { "\($0)" } ?? "")".contains(reason), "\(String(describing: error))")
        }
        let single = try joined([a, b], [x])
        let error = #expect(throws: MetricError.self) { try BestOfK(single) }
        #expect("\(error.map { "\($0)" } ?? "")".contains("the most is 1; nothing can be compared"))
        #expect(throws: MetricError.self) { try BestOfK(joined([a, b], [x, y]), top: [3]) }
    }
}
