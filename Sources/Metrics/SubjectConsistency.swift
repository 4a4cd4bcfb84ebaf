import Encoders
import Frames
import Media
import Pipeline
import Scoring

/// VBench's subject consistency: cosines of the CLS tokens of whole frames, which are resized but not cropped.
///
/// Source: VBench, `vbench/subject_consistency.py`.
final class SubjectConsistency: WholeFrameMetric {
    let label: String?
    private let encoder: Encoder
    private let mediaOptions: MediaOptions

    /// Frames that are encoded at once.
    private static let batchSize = 8

    /// - Throws: `CatalogueError`, `EncoderError`.
    init(
        _ metric: Metric, from files: MetricFiles?, loading: ModelLoader,
        mediaOptions: MediaOptions
    ) throws {
        encoder = try loading.encoder(
            files?.encoder ?? EncoderSource(name: metric.requiredEncoder),
            preprocessing: metric.preprocessing)
        label = encoder.identity.label
        self.mediaOptions = mediaOptions
    }

    /// See `FrameConsistency`. Memory does not grow with the frames of a video.
    func values(
        of request: Request
    ) throws(InputFailure) -> (values: [Double], facts: WholeFrames.Facts) {
        var consistency = FrameConsistency()
        var (pending, pendingSize): ([[UInt8]], Resampling.Size?) = ([], nil)
        func encode() throws(EncoderError) {
            guard let size = pendingSize else { return }
            for vector in try encoder.embed(uncropped: pending, of: size) {
                consistency.add(unit(vector))
            }
            pending.removeAll(keepingCapacity: true)
        }
        let facts = try WholeFrames(mediaOptions: mediaOptions).read(request, sampling: .allFrames)
        { frame in
            let (pixels, size) = try encoder.prepareUncropped(frame)
            pending.append(pixels)
            pendingSize = size
            if pending.count == Self.batchSize { try encode() }
        }
        do throws(EncoderError) {
            try encode()
        } catch {
            throw InputFailure(reason: "'\(request.input)': \(error)")
        }
        return (consistency.values, facts)
    }
}
