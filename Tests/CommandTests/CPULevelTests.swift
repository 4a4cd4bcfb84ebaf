import Encoders
import Testing
import TestModels
import TestSupport
import TextFormats

/// `--cpu-level` and `GANRM_CPU_LEVEL`.
@Suite struct CPULevelTests {
    private let model: TinyModel

    init() throws { model = try TinyModel() }

    private func bench(_ arguments: [String], environment: [String: String] = [:]) throws
        -> CommandRun
    {
        try CommandRun.ganrm(
            ["bench", "--json", "--runs", "1", "--frames", "2"] + model.encoderOptions + arguments,
            environment: environment)
    }

    @Test(arguments: CPULevel.available)
    func `every level of the processor can be chosen`(level: CPULevel) throws {
        for precision in level.precisions {
            let arguments = ["--precision", precision.rawValue]
            for run in [
                try bench(["--cpu-level", level.name] + arguments),
                try bench(arguments, environment: ["GANRM_CPU_LEVEL": level.name]),
            ] {
                let report = try JSONValue(parsing: run.output)
                #expect(report["kernels"] == .string(level.name))
                #expect(report["precision"] == .string(precision.rawValue))
            }
        }
    }

    @Test func `the option goes before the environment`() throws {
        let run = try bench(
            ["--cpu-level", "portable"], environment: ["GANRM_CPU_LEVEL": "avx1024"])
        let report = try JSONValue(parsing: run.output)
        #expect(report["kernels"] == .string("portable"))
        #expect(report["precision"] == .string("f32"))
    }

    @Test func `other levels are refused with a list`() throws {
        let list = CPULevel.available.map(\.name).joined(separator: ", ")
        var refused: [(run: CommandRun, sentence: String)] = [
            (
                try bench(["--cpu-level", "avx1024"]),
                "--cpu-level: 'avx1024' is no CPU level; this processor has \(list)"
            ),
            (
                try bench([], environment: ["GANRM_CPU_LEVEL": "avx1024"]),
                "GANRM_CPU_LEVEL: 'avx1024' is no CPU level; this processor has \(list)"
            ),
        ]
        for name in CPULevel.allNames where !CPULevel.available.map(\.name).contains(name) {
            refused.append(
                (
                    try bench(["--cpu-level", name]),
                    "--cpu-level: this processor does not have '\(name)'; it has \(list)"
                ))
        }
        for (run, sentence) in refused {
            #expect(run.status == 2)
            #expect(run.messages.contains(sentence), "\(run.messages)")
            #expect(run.output.isEmpty)
        }
    }

    /// At other levels bf16 would be slower than f32.
    @Test func `bf16 is f32 at levels without its instructions`() throws {
        let media = try TestMedia()
        let video = try media.video("a.mp4")
        let head = try model.untrainedHead()
        func logit(_ level: CPULevel, _ precision: String) throws -> Double {
            let run = try CommandRun.ganrm(
                ["score", video, "--model", head, "--no-store", "--cpu-level", level.name]
                    + ["--precision", precision] + model.encoderOptions)
            let row = try JSONValue(parsing: run.output)
            #expect(row["precision"] == .string(precision))
            return try #require(row["logit"]?.doubleValue)
        }
        for level in CPULevel.available {
            let (f32, bf16) = (try logit(level, "f32"), try logit(level, "bf16"))
            #expect((f32 == bf16) == !level.multipliesBF16)
            #expect(abs(f32 - bf16) < 0.1)
        }
    }
}
