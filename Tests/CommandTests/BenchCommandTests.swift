import Foundation
import Testing
import TestModels
import TestSupport
import TextFormats

/// Consistency of the results of `ganrm bench`; the times themselves depend on the machine.
@Suite struct BenchCommandTests {
    private func bench(_ arguments: [String]) throws -> JSONValue {
        let run = try CommandRun.ganrm(
            ["bench", "--json", "--runs", "3", "--batch", "2", "--threads", "2"] + arguments)
        try #require(run.status == 0, "\(run.messages)")
        return try JSONValue(parsing: run.output)
    }

    private func number(_ value: JSONValue, _ keys: String...) throws -> Double {
        var value = value
        for key in keys { value = try #require(value[key], "\(key)") }
        return try #require(value.doubleValue)
    }

    @Test func `the results of a benchmark are consistent`() throws {
        let model = try TinyModel()
        let report = try bench(model.encoderOptions + ["--precision", "f32", "--frames", "3"])
        let seconds = try #require(report["encode"]?["seconds_per_clip"]?.arrayValue)
            .compactMap(\.doubleValue).sorted()
        let median = try number(report, "encode", "median_seconds_per_clip")
        #expect(seconds.count == 3 && seconds[1] == median && seconds[0] > 0)
        let spread = try number(report, "encode", "spread")
        #expect(abs(spread - (seconds[2] - seconds[0]) / median) < 1e-12)
        // 3 frames of 17 tokens, width 32, 2 blocks with 24 n w² + 4 n² w operations each.
        let (linear, attention) = (24 * 17 * 32 * 32, 4 * 17 * 17 * 32)
        let operations = Double(3 * 2 * (linear + attention))
        let rate = try number(report, "encode", "gflops")
        #expect(abs(rate * 1e9 * median / operations - 1) < 1e-9)
        let share = try number(report, "encode", "share_of_peak")
        let peak = try number(report, "encode", "peak_gflops")
        #expect(abs(share * peak / rate - 1) < 1e-9)
        for stage in ["decode", "preprocess"] {
            let seconds = try number(report, stage, "median_seconds_per_clip")
            #expect(seconds > 0)
        }
        for kind in ["linear", "attention", "rest"] {
            let seconds = try number(report, "encode", "layers", kind)
            #expect(seconds > 0)
        }
        #expect(report["head"] == nil)
        #expect(report["fingerprint"]?.stringValue?.count == 64)
    }

    @Test func `the head of a reward model is measured as well`() throws {
        let model = try TinyModel()
        let report = try bench(
            ["--model", try model.untrainedHead(), "--precision", "f32"] + model.encoderOptions)
        let seconds = try number(report, "head", "median_seconds_per_clip")
        #expect(seconds > 0)
        #expect(report["frames_per_clip"] == .integer(4))
    }
}
