import Encoders
import Foundation
import Scoring
import TextFormats

/// The results of a benchmark. Times are seconds per clip for each stage alone; in a pipeline,
/// decoding and encoding overlap.
public struct BenchmarkReport: Sendable {
    let benchmark: Benchmark
    /// Encoded frames per clip.
    let frameCount: Int
    let reading: RunTimes
    let preparing: RunTimes
    let encoding: RunTimes
    let peakOperationsPerSecond: Double
    let profile: EncodingProfile
    let scoring: RunTimes?

    /// Floating-point operations per clip, as counted in papers.
    private var operations: Double { benchmark.encoder.operations(frameCount: frameCount) }

    private var operationsPerSecond: Double { operations / encoding.median }

    /// Seconds per clip for a kind of layer: the sum over workers, divided by their number.
    private func seconds(_ kind: LayerKind) -> Double {
        profile.seconds(kind) / Double(benchmark.threadCount * benchmark.batchSize)
    }

    /// One object.
    public var json: String {
        let encoder = benchmark.encoder
        let layers = LayerKind.allCases.map {
            JSONValue.Member("\($0)", .number(seconds($0)))
        }
        let encode: [JSONValue.Member] = [
            .init("median_seconds_per_clip", .number(encoding.median)),
            .init("spread", .number(encoding.spread)),
            .init("seconds_per_clip", .array(encoding.seconds.map { .number($0) })),
            .init("gigaoperations_per_clip", .number(operations / 1e9)),
            .init("gflops", .number(operationsPerSecond / 1e9)),
            .init("peak_gflops", .number(peakOperationsPerSecond / 1e9)),
            .init("share_of_peak", .number(operationsPerSecond / peakOperationsPerSecond)),
            .init("layers", .object(layers)),
        ]
        func stage(_ name: String, _ times: RunTimes) -> JSONValue.Member {
            let members: [JSONValue.Member] = [
                .init("median_seconds_per_clip", .number(times.median)),
                .init("spread", .number(times.spread)),
            ]
            return .init(name, .object(members))
        }
        var members: [JSONValue.Member] = [
            .init("ganrm", .string(ganrmVersion)),
            .init("kernels", .string(CPULevel.inUse.name)),
            .init("processor", JSONValue(ComputeKernels.processor)),
            .init("encoder", .string(encoder.name)),
            .init("fingerprint", .string(encoder.fingerprint)),
            .init("precision", .string(encoder.precision.rawValue)),
            .init("threads", .integer(benchmark.threadCount)),
            .init("batch", .integer(benchmark.batchSize)),
            .init("frames_per_clip", .integer(frameCount)),
            stage("decode", reading), stage("preprocess", preparing),
            .init("encode", .object(encode)),
        ]
        if let scoring { members.append(stage("head", scoring)) }
        return JSONValue.object(members).description
    }

    /// The report as text.
    public var table: String {
        let encoder = benchmark.encoder
        var lines = [
            "\(encoder.identity.label), \(encoder.precision.rawValue), "
                + "\(benchmark.threadCount) threads, \(benchmark.batchSize) clips of "
                + "\(frameCount) frames at once",
            "CPU level: \(CPULevel.inUse.name)", "",
            "stage           s per clip  spread",
        ]
        func add(_ name: String, _ seconds: Double, _ note: String) {
            let padded = name.padding(toLength: 16, withPad: " ", startingAt: 0)
            lines.append(padded + String(format: "%10.5f  ", seconds) + note)
        }
        func spread(_ times: RunTimes) -> String { String(format: "%5.0f%%", 100 * times.spread) }
        add("decode", reading.median, spread(reading))
        add("preprocess", preparing.median, spread(preparing))
        add("encode", encoding.median, spread(encoding))
        let total = LayerKind.allCases.map(seconds).reduce(0, +)
        for kind in LayerKind.allCases {
            add(
                "  \(kind)", seconds(kind),
                String(format: "%5.1f%% of it", 100 * seconds(kind) / total))
        }
        if let scoring { add("head", scoring.median, spread(scoring)) }
        lines += [
            "",
            String(
                format:
                    "%.1f GFLOP per clip, %.0f GFLOP/s: %.0f %% of the %.0f that one product reaches here",
                operations / 1e9, operationsPerSecond / 1e9,
                100 * operationsPerSecond / peakOperationsPerSecond, peakOperationsPerSecond / 1e9),
        ]
        return lines.joined(separator: "\n")
    }
}
