import Foundation
import Frames
import Metrics
import Scoring
import Statistics
import Testing
import TextFormats

@Suite struct MetricSummaryTests {
    private func row(_ prompt: String, _ value: Double, precision: String = "f32") -> ScoreRow {
        var row = ScoreRow(input: "\(prompt)-\(value).png", extras: [])
        row.prompt = prompt
        row.metrics = [("clipscore", value)]
        row.kind = .image
        row.setProvenance(
            model: .init(name: "clipscore", fingerprint: "0", encoder: "e"), precision: precision,
            sampling: .uniform(UniformSampling(frameCount: 1)), version: "1")
        return row
    }

    private func failed(_ prompt: String) -> ScoreRow {
        var row = ScoreRow(input: "\(prompt).png", extras: [])
        row.failure = "it is no picture"
        return row
    }

    @Test func `means are over inputs and over prompts`() throws {
        let rows = [row("a", 1), row("a", 2), row("a", 3), row("b", 6), failed("b")]
        let line = try #require(try MetricSummary(rows: rows).lines.first)
        #expect(line.mean == 3)
        #expect(line.meanOfPrompts == 4)
        #expect((line.count, line.promptCount) == (4, 2))
        let interval = try #require(line.interval)
        // The bootstrap of two prompts: both are drawn, or one of them twice.
        #expect(interval.low == 2 && interval.high == 6)
        #expect(try MetricSummary(rows: rows).failureCount == 1)
    }

    @Test func `no row has no line, and only failures have none`() throws {
        #expect(try MetricSummary(rows: []).lines.isEmpty)
        let summary = try MetricSummary(rows: [failed("a")])
        #expect(summary.lines.isEmpty && summary.failureCount == 1)
    }

    @Test func `rows that do not belong together are refused`() throws {
        var score = row("a", 1)
        score.metrics = nil
        var other = row("a", 1)
        other.metrics = [("clip@b32", 1)]
        for wrong in [score, other, row("a", 1, precision: "bf16")] {
            #expect(throws: MetricError.self) { try MetricSummary(rows: [row("b", 1), wrong]) }
        }
    }

    /// Prompts that differ only in their Unicode form are two.
    @Test func `prompts are compared by bytes`() throws {
        let summary = try MetricSummary(rows: [row("caf\u{e9}", 1), row("cafe\u{301}", 2)])
        #expect(summary.lines.first?.promptCount == 2)
    }

    @Test func `every metric has a model with a text side`() throws {
        for metric in Metric.all {
            #expect(try Metric.named(metric.name) == metric)
            #expect(!metric.source.isEmpty && !metric.summary.isEmpty)
        }
        #expect(throws: MetricError.unknownMetric(name: "clipscor", similar: ["clipscore"])) {
            try Metric.named("clipscor")
        }
    }
}
