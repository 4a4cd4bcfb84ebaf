import Encoders
import Files
import Frames
import Media
import ModelCatalogue
import Pipeline
import Scoring
import Tensors

/// Compares the frames of pairs of inputs, as they are.
final class PairModel {
    let label: String
    /// What tells the weights of the channels from others.
    let identity: String
    private let distance: PerceptualDistance
    private let frameCount: Int
    private let reader: WholeFrames

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
        reader = WholeFrames(mediaOptions: mediaOptions)
    }

    /// The distance of each frame of an input from that of its reference.
    ///
    /// - Returns: The distances, and the facts of the input.
    func values(
        of request: Request, from reference: String
    ) throws(InputFailure) -> (values: [Double], facts: WholeFrames.Facts) {
        let ours = try frames(of: request)
        let theirs = try frames(of: Request(input: reference))
        guard ours.facts.size == theirs.facts.size else {
            throw InputFailure(
                reason: """
                    '\(request.input)' has \(ours.facts.size.width) × \(ours.facts.size.height) pixels, and \
                    '\(reference)' \(theirs.facts.size.width) × \(theirs.facts.size.height)
                    """)
        }
        guard ours.facts.summary.frameCount == theirs.facts.summary.frameCount else {
            throw InputFailure(
                reason: """
                    '\(request.input)' has \(ours.facts.summary.frameCount) frames, and '\(reference)' \
                    \(theirs.facts.summary.frameCount)
                    """)
        }
        do throws(EncoderError) {
            let values = try distance.distances(
                of: Array(zip(ours.frames, theirs.frames)), width: ours.facts.size.width,
                height: ours.facts.size.height)
            return (values, ours.facts)
        } catch .invalidClip(let reason) {
            throw InputFailure(reason: "'\(request.input)': \(reason)")
        } catch {
            throw InputFailure(reason: "\(error)")
        }
    }

    private struct Frames {
        var frames: [[UInt8]] = []
        var facts: WholeFrames.Facts
    }

    private func frames(of request: Request) throws(InputFailure) -> Frames {
        let sampling = UniformSampling(frameCount: frameCount, separatesFrames: true)
        var frames: [[UInt8]] = []
        let facts = try reader.read(request, sampling: .uniform(sampling)) {
            frames.append($0.pixels)
        }
        return Frames(frames: frames, facts: facts)
    }
}
