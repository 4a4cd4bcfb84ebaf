import Foundation
import Frames
import Metrics
import Scoring
import TestSupport
import Testing
import TextFormats

/// VBench's total, compared with its own script; values by `fixtures/metrics/vbench.py`.
@Suite struct VBenchSummaryTests {
    private let folder: TemporaryFolder
    private let golden: JSONValue

    init() throws {
        folder = try TemporaryFolder()
        let all = try JSONValue(
            parsing: String(contentsOfFile: Fixture.path("metrics/vbench.json"), encoding: .utf8))
        golden = try #require(all["total"])
    }

    private func results(_ json: String, to name: String = "results.json") throws -> VBenchResults {
        try VBenchResults(reading: folder.write(json, to: name))
    }

    /// The two files of the golden values.
    private func goldenResults(without dropped: String? = nil) throws -> [VBenchResults] {
        try #require(golden["files"]?.arrayValue).enumerated().map { number, file in
            let members = try #require(file.members).filter { $0.key != dropped }
            return try results(JSONValue.object(members).description, to: "\(number).json")
        }
    }

    private func rows(_ name: String, _ values: [Double]) throws -> MetricSummary {
        try MetricSummary(
            rows: values.enumerated().map { index, value in
                var row = ScoreRow(input: "\(index).mp4", extras: [])
                row.metrics = [(name, value)]
                row.kind = .video
                row.setProvenance(
                    model: .init(name: name, fingerprint: "0", encoder: nil), precision: "f32",
                    sampling: .uniform(UniformSampling(frameCount: 1)), version: "1")
                return row
            })
    }

    private func isClose(_ value: Double?, _ expected: JSONValue?) -> Bool {
        guard let value, let expected = expected?.doubleValue else { return false }
        return abs(value - expected) < 1e-12
    }

    @Test func `the total is that of VBench's script`() throws {
        let summary = try VBenchSummary(goldenResults(), rows("clipscore", [1]))
        #expect(summary.missing.isEmpty)
        for line in summary.lines {
            #expect(
                isClose(
                    line.normalized * line.dimension.weight,
                    golden["weighted"]?[line.dimension.name]), "\(line)")
        }
        for part in VBenchDimension.Part.allCases {
            let names = VBenchDimension.all.filter { $0.part == part }.map(\.name)
            #expect(
                Set(names)
                    == Set(
                        golden["\(part.rawValue)_names"]?.arrayValue?.compactMap(\.stringValue)
                            ?? []))
            #expect(isClose(summary.score(of: part), golden[part.rawValue]))
        }
        #expect(isClose(summary.total, golden["total"]))
    }

    @Test func `our own means take part, and what is missing has no total`() throws {
        let name = "temporal_flickering"
        let score = try #require(
            golden["files"]?.arrayValue?.lazy.compactMap { $0[name]?.arrayValue?[0].doubleValue }
                .first)
        let whole = try VBenchSummary(
            goldenResults(without: name), rows(name, [score - 0.01, score + 0.01]))
        #expect(try abs(#require(whole.total) - #require(golden["total"]?.doubleValue)) < 1e-7)
        let other = try VBenchSummary(goldenResults(without: name), rows("clipscore", [score]))
        #expect(other.missing.map(\.name) == [name])
        #expect(other.total == nil && other.score(of: .quality) == nil)
        #expect(isClose(other.score(of: .semantic), golden["semantic"]))
    }

    @Test func `a dimension with two scores is refused by name`() throws {
        let twice = try results(#"{"scene": [0.5, []]}"#)
        let again = try results(#"{"scene": [0.5]}"#, to: "again.json")
        func reason(_ results: [VBenchResults], _ summary: MetricSummary) -> String {
            do {
                _ = try VBenchSummary(results, summary)
                return ""
            } catch {
                return error.description
            }
        }
        #expect(
            reason([twice, again], try rows("clipscore", [1]))
                == """
                scene is in '\(twice.path)' and in '\(again.path)'; leave one of them out
                """)
        let ours = try results(#"{"temporal_flickering": [0.5]}"#, to: "ours.json")
        #expect(
            reason([ours], try rows("temporal_flickering", [0.9])).hasPrefix(
                "temporal_flickering is in the rows and in '\(ours.path)'"))
    }

    @Test(arguments: [
        ("", "is no JSON"), ("[]", "has no scores"), ("{}", "has no scores"),
        (#"{"scene": [NaN]}"#, "is no JSON"), (#"{"scene": [0.5"#, "is no JSON"),
        (#"{"scene": 0.5}"#, "has no list that begins with a number for scene"),
        (#"{"scene": []}"#, "has no list that begins with a number for scene"),
        (#"{"scene": [null]}"#, "has no list that begins with a number for scene"),
        (#"{"scene": [true]}"#, "has no list that begins with a number for scene"),
        (#"{"scene": [54.7]}"#, "no percentages"), (#"{"scene": [1e300]}"#, "no percentages"),
        (
            #"{"scene": [0.5], "i2v_subject": [0.5]}"#,
            "has 'i2v_subject', which is none of VBench's"
        ),
        (#"{"human action": [0.5], "human_action": [0.5]}"#, "has human_action twice"),
    ])
    func `a file that is none of VBench's is refused`(json: String, reason: String) throws {
        let error = #expect(throws: MetricError.self) { try results(json) }
        #expect(error?.description.contains(reason) == true, "\(error?.description ?? "")")
    }
}
