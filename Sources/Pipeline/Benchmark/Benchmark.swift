public import Encoders
import Foundation
public import Frames
import Media
public import Reward
import Synchronization
import Tensors

/// Measures each stage of scoring separately, on a synthetic clip from FFmpeg sources.
public struct Benchmark: Sendable {
    public let encoder: Encoder
    /// Nil skips the measurement of the head.
    public let ensemble: HeadEnsemble?
    public let threadCount: Int
    /// Sampling of the clip.
    public var sampling: Sampling
    /// Clips per batch, at least 1.
    public var batchSize = 4
    /// Number of measured runs per stage, at least 1, after one warm-up run.
    public var runCount = 5

    /// A typical output of a generator: 16 frames of 512 × 320, with noise for a realistic decoding
    /// time.
    static let clip = LavfiVideo(
        graph: "testsrc2=size=512x320:rate=8,noise=alls=12:allf=t:all_seed=1,format=yuv420p",
        frameCount: 16)

    public init(
        encoder: Encoder, ensemble: HeadEnsemble?, threadCount: Int, sampling: Sampling
    ) {
        self.encoder = encoder
        self.ensemble = ensemble
        self.threadCount = threadCount
        self.sampling = sampling
    }

    /// Runs of all stages: reading, one more to warm up, and encoding.
    public var stageRunCount: Int { 2 * runCount + 1 }

    /// Runs the benchmark.
    ///
    /// - Parameter progress: Called after each run of a stage with the number of runs that are done,
    ///   `stageRunCount` in all.
    /// - Throws: `MediaError` if FFmpeg cannot generate, write or read the clip; `EncoderError`.
    public func run(progress: (_ done: Int) -> Void = { _ in }) throws -> BenchmarkReport {
        let (reading, preparing, frames) = try measureReading(progress)
        let clips = Array(repeating: frames, count: batchSize)
        var embeddings = try encoder.embed(clips: clips, reusesFrames: false)
        let peak = MachinePeak(precision: encoder.precision, threadCount: threadCount)
        var encoding: [Double] = []
        var peaks: [Double] = []
        // Measured alternately, so that load from other processes affects both equally.
        for run in 0..<runCount {
            peaks.append(peak.measure(seconds: 0.1))
            encoding.append(
                try Self.time { embeddings = try encoder.embed(clips: clips, reusesFrames: false) }
                    / Double(batchSize))
            progress(runCount + 2 + run)
        }
        // Profiled separately, since reading the clock takes time.
        let profile = EncodingProfile()
        _ = try encoder.embed(clips: clips, reusesFrames: false, profile: profile)
        return BenchmarkReport(
            benchmark: self, frameCount: frames.count, reading: RunTimes(reading),
            preparing: RunTimes(preparing), encoding: RunTimes(encoding),
            peakOperationsPerSecond: RunTimes(peaks).median, profile: profile,
            scoring: ensemble.map { RunTimes(measureHead($0, embeddings)) })
    }

    /// Measures reading the clip from a file and preprocessing its frames.
    ///
    /// - Returns: Seconds per run of both, and the preprocessed frames.
    private func measureReading(_ progress: (Int) -> Void) throws -> (
        reading: [Double], preparing: [Double], frames: [[UInt8]]
    ) {
        let path = FileManager.default.temporaryDirectory
            .appendingPathComponent("ganrm-bench-\(UUID()).mp4").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        try Self.clip.write(to: path, crf: 23)
        let preprocessor = Preprocessor(encoder.preprocessing)
        let preparation = Mutex(0.0)
        var reading: [Double] = []
        var preparing: [Double] = []
        var frames: [[UInt8]] = []
        for run in 0...runCount {
            preparation.withLock { $0 = 0 }
            let reader = ClipReader(source: .path(path), sampling: sampling) { frame in
                var prepared: [UInt8] = []
                let seconds = try Self.time { prepared = try preprocessor.prepare(frame) }
                preparation.withLock { $0 += seconds }
                return prepared
            }
            let seconds = try Self.time {
                _ = try reader.read { if frames.isEmpty { frames = $0.frames } }
            }
            progress(run + 1)
            guard run > 0 else { continue }
            preparing.append(preparation.withLock(\.self))
            reading.append(seconds - preparation.withLock(\.self))
        }
        return (reading, preparing, frames)
    }

    private func measureHead(_ ensemble: HeadEnsemble, _ embeddings: [[Float]]) -> [Double] {
        let batch = Tensor(
            shape: [embeddings.count, ensemble.width],
            elements: embeddings.flatMap { $0.prefix(ensemble.width) })
        return (0...runCount).map { _ in
            Self.time { _ = ensemble.scores(batch) } / Double(batchSize)
        }.suffix(runCount)
    }

    private static func time(_ body: () throws -> Void) rethrows -> Double {
        try ContinuousClock().measure(body) / .seconds(1)
    }
}
