import Encoders
import Frames
import Store
import Tensors
import TextFormats

/// Collects the embeddings of a run: one per input, the mean over its clips, or one per clip.
struct EmbeddingCollector {
    private let perClip: Bool
    private(set) var embeddings: EmbeddingSet
    private var clips: [EncodedClip] = []

    /// - Parameters:
    ///   - encoders: Encoders of the embeddings, by kind of input.
    ///   - sampling: Sampling of files.
    ///   - perClip: Whether each clip becomes a row of its own.
    init(
        encoders: [MediaKind: EncoderIdentity], sampling: Sampling, perClip: Bool = false
    ) {
        self.perClip = perClip
        embeddings = EmbeddingSet(encoders: encoders, sampling: sampling)
    }

    /// Adds the embeddings of a pipeline's events.
    ///
    /// - Parameter onEnd: Called once per input at its end, with the reason if there is no
    ///   embedding.
    mutating func add(
        _ events: [PipelineEvent],
        onEnd: (_ request: Request, _ failure: String?) throws -> Void
    ) rethrows {
        for event in events {
            switch event {
            case .clip(_, let clip): clips.append(clip)
            // Its input fails.
            case .invalidClip: break
            case .dropped: break
            case .end(let request, let outcome): try onEnd(request, end(request, outcome))
            }
        }
    }

    private mutating func end(_ request: Request, _ outcome: InputOutcome) -> String? {
        defer { clips.removeAll(keepingCapacity: true) }
        switch outcome {
        case .failed(let reason):
            return reason
        case .finished(let summary, _):
            guard let mean = Self.mean(clips.map(\.embedding)) else {
                return "'\(request.input)' is too short for a single clip"
            }
            guard mean.allSatisfy(\.isFinite) else {
                return "'\(request.input)': the embeddings of its clips are too large for a mean"
            }
            if perClip {
                for clip in clips {
                    embeddings.append(
                        clip.embedding,
                        input: SampleOrigin.row(
                            of: request, summary, indices: clip.indices,
                            degeneracy: clip.degeneracy))
                }
            } else {
                embeddings.append(
                    mean,
                    input: SampleOrigin.row(
                        of: request, summary,
                        degeneracy: DegeneracyPooling(clips.map(\.degeneracy)).degeneracy))
            }
            return nil
        }
    }

    /// Embeds preprocessed clips from a safetensors file, one row each: tensor `frames`,
    /// `[n, T, H, W, 3]` U8 (resized and cropped) or `[n, T, 3, H, W]` F32 (also normalization).
    ///
    /// - Returns: The reason for a failure; nil on success.
    mutating func addPixels(of request: Request, encoder: Encoder) -> String? {
        do {
            let file = try WeightFile.open(request.input)
            guard let stored = file.tensors["frames"], stored.shape.count == 5 else {
                return "'\(request.input)' has no tensor frames with 5 axes"
            }
            let (count, frameCount) = (stored.shape[0], stored.shape[1])
            let side = encoder.preprocessing.crop
            let preprocessor = Preprocessor(encoder.preprocessing)
            let isPrepared = stored.dtype == .u8
            let frame = isPrepared ? [side, side, 3] : [3, side, side]
            guard Array(stored.shape[2...]) == frame, frameCount > 0 else {
                return "'\(request.input)': frames are \(stored.shape), not [n, T] + \(frame)"
            }
            let floats = isPrepared ? [] : stored.floats()
            guard floats.allSatisfy(\.isFinite) else {
                return "'\(request.input)': frames has infinities or NaNs"
            }
            var rows: [(embedding: [Float], input: JSONValue)] = []
            for index in 0..<count {
                let size = 3 * side * side
                let embedding: [Float]
                if isPrepared {
                    let clip = (0..<frameCount).map { t in
                        stored.withBytes { bytes in
                            let start = (index * frameCount + t) * size
                            return preprocessor.prepared(
                                resized: Array(bytes[start..<start + size]))
                        }
                    }
                    embedding = try encoder.embed(clips: [clip])[0]
                } else {
                    let start = index * frameCount * size
                    let clip = PixelClip(
                        frameCount: frameCount,
                        elements: Array(floats[start..<start + frameCount * size]))
                    embedding = try encoder.embed(pixels: [clip])[0]
                }
                if let problem = encoder.problem(of: embedding) {
                    return "'\(request.input)', clip \(index): \(problem)"
                }
                rows.append((embedding, SampleOrigin.row(ofPixels: request, index: index)))
            }
            for (embedding, row) in rows { embeddings.append(embedding, input: row) }
            return nil
        } catch {
            return "\(error)"
        }
    }

    /// The mean of vectors of equal length, nil if there are none. Summed in order and in Float, on
    /// which the bits of embedding files depend.
    private static func mean(_ vectors: [[Float]]) -> [Float]? {
        guard var sum = vectors.first else { return nil }
        for vector in vectors.dropFirst() {
            for i in sum.indices { sum[i] += vector[i] }
        }
        let count = Float(vectors.count)
        return sum.map { $0 / count }
    }
}
