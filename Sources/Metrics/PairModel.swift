import Encoders
import Files
import Frames
import Media
import ModelCatalogue
import Pipeline
import Scoring
import Synchronization
import Tensors

/// Compares the frames of pairs of inputs, as they are.
final class PairModel {
    /// Why a pair has no values.
    struct Failure: Error {
        var reason: String
    }

    let label: String
    /// What tells the weights of the channels from others.
    let identity: String
    private let distance: PerceptualDistance
    private let frameCount: Int
    private let mediaOptions: MediaOptions

    /// - Throws: `CatalogueError`, `TensorError`, `EncoderError`.
    init(
        _ metric: Metric, _ architecture: ConvolutionalArchitecture,
        files: [String: MetricFiles], loading: ModelLoader, frameCount: Int,
        mediaOptions: MediaOptions
    ) throws {
        guard loading.precision.precision == .f32 else {
            throw EncoderError.invalidConfiguration(
                reason: "\(metric.name) computes in f32 only; ask for it by --precision f32")
        }
        let weights = try metric.models.map { name in
            try WeightFile.open(files[name]?.encoder.weights ?? loading.store.path(of: name))
        }
        distance = try PerceptualDistance(
            architecture, backbone: weights[0], linear: weights[1],
            threadCount: loading.threadCount)
        label = distance.label
        identity = distance.linearIdentity
        self.frameCount = frameCount
        self.mediaOptions = mediaOptions
    }

    /// The distance of each frame of an input from that of its reference.
    ///
    /// - Throws: `Failure`, and `EncoderError.outOfMemory`.
    func values(
        of request: Request, from reference: String
    ) throws -> (values: [Double], summary: ReadSummary, degeneracy: Degeneracy?) {
        let ours = try frames(of: request)
        let theirs = try frames(of: Request(input: reference))
        guard ours.size == theirs.size else {
            throw Failure(
                reason: """
                    '\(request.input)' has \(ours.size.width) × \(ours.size.height) pixels, and \
                    '\(reference)' \(theirs.size.width) × \(theirs.size.height)
                    """)
        }
        guard ours.summary.frameCount == theirs.summary.frameCount else {
            throw Failure(
                reason: """
                    '\(request.input)' has \(ours.summary.frameCount) frames, and '\(reference)' \
                    \(theirs.summary.frameCount)
                    """)
        }
        do throws(EncoderError) {
            let values = try distance.distances(
                of: Array(zip(ours.frames, theirs.frames)), width: ours.size.width,
                height: ours.size.height)
            return (values, ours.summary, ours.degeneracy)
        } catch .invalidClip(let reason) {
            throw Failure(reason: "'\(request.input)': \(reason)")
        }
    }

    private struct Frames {
        var frames: [[UInt8]] = []
        var size: Resampling.Size
        var summary: ReadSummary
        var degeneracy: Degeneracy?
    }

    /// Whether a clip of whole frames has no content, judged as that of an encoder.
    private static func degeneracy(of clip: Clip, _ size: Resampling.Size) throws -> Degeneracy? {
        let resampling = Resampling(
            .openCVLinear, from: size, to: Resampling.Size(width: 224, height: 224))
        let frames = try clip.frames.map {
            try resampling.pixels(
                of: Frame(width: size.width, height: size.height, pixels: $0, index: 0))
        }
        return Clip(frames: frames, indices: clip.indices)
            .degeneracy(resizedBy: .openCVLinear)
    }

    private func frames(of request: Request) throws(Failure) -> Frames {
        if let reason = request.failure { throw Failure(reason: reason) }
        let size = Mutex<Resampling.Size?>(nil)
        var options = mediaOptions
        if let degradation = request.degradation {
            options.filtering = options.filtering + degradation.filtering
        }
        let count = frameCount
        let reader = ClipReader(source: request.source, options: options) { info in
            let frameCount = info.kind == .image ? 1 : count
            return ReadPlan(
                sampling: .uniform(
                    UniformSampling(frameCount: frameCount, separatesFrames: true))
            ) { frame in
                let found = Resampling.Size(width: frame.width, height: frame.height)
                let known = size.withLock { size in
                    size = size ?? found
                    return size
                }
                guard known == found else {
                    throw Failure(reason: "'\(request.input)' has frames of two sizes")
                }
                return frame.pixels
            }
        }
        do {
            var frames: [[UInt8]] = []
            var pooling = DegeneracyPooling()
            let summary = try reader.read { clip in
                frames += clip.frames
                if let size = size.withLock(\.self) {
                    pooling.add(try Self.degeneracy(of: clip, size))
                }
            }
            guard let size = size.withLock(\.self) else {
                throw Failure(reason: "'\(request.input)' has no frames")
            }
            return Frames(
                frames: frames, size: size, summary: summary, degeneracy: pooling.degeneracy)
        } catch let error as Failure {
            throw error
        } catch {
            throw Failure(reason: "\(error)")
        }
    }
}
