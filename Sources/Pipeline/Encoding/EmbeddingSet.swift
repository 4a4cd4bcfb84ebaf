public import Encoders
import Foundation
public import Frames
import Scoring
public import Tensors
public import TextFormats

/// Embeddings of many inputs, in memory or in a safetensors file: what `encode` writes and
/// `train` reads.
///
/// In the file, tensor `embeddings` is F32 with one row per input, in input order: first
/// `2 · width · taps` values, then the motion features, if any. The metadata are JSON: `inputs` is
/// an array of one object per row, `encoders` the encoders' identities by kind, `sampling` the
/// sampling of files.
public struct EmbeddingSet: Sendable {
    /// One object per row: the keys of its request, the input and its properties; see
    /// `SampleOrigin`.
    public var inputs: [JSONValue]
    /// One per input, all of equal length.
    public var vectors: [[Float]]
    /// The encoders of the embeddings, by kind of input.
    public var encoders: [MediaKind: EncoderIdentity]

    /// The sampling of the inputs that are files.
    public var sampling: Sampling

    public init(encoders: [MediaKind: EncoderIdentity], sampling: Sampling) {
        inputs = []
        vectors = []
        self.encoders = encoders
        self.sampling = sampling
    }

    public mutating func append(_ vector: [Float], input: JSONValue) {
        vectors.append(vector)
        inputs.append(input)
    }

    /// The file that one side of a training or of a comparison consists of; nil for inputs.
    package static func path(ofSide inputs: [String]) -> String? {
        inputs.count == 1 && inputs[0].hasByteSuffix(".safetensors") ? inputs[0] : nil
    }

    /// The rows whose input satisfies a condition.
    public func filter(_ isWanted: (_ input: JSONValue) -> Bool) -> EmbeddingSet {
        var filtered = EmbeddingSet(encoders: encoders, sampling: sampling)
        for (vector, input) in zip(vectors, inputs) where isWanted(input) {
            filtered.append(vector, input: input)
        }
        return filtered
    }

    /// The set without degraded copies whose originals are in it.
    public var originals: EmbeddingSet {
        let undamaged = inputs.map(SampleOrigin.init).filter { !$0.annotations.isDegraded }
        let names = Set(undamaged.compactMap { $0.input.map { ByteString($0) } })
        return filter { row in
            let annotations = SampleAnnotations(row: row)
            return !annotations.isDegraded
                || !(annotations.original.map { names.contains($0) } ?? false)
        }
    }

    /// Length of an embedding without its motion features, which come last.
    public var contentWidth: Int {
        let width = vectors.first?.count ?? 0
        let hasMotion = encoders.values.contains { $0.motion != nil }
        return width - (hasMotion ? MotionRecipe.featureCount : 0)
    }

    /// The embeddings without motion features, `[n][contentWidth]`.
    public var contents: [[Float]] {
        let width = contentWidth
        return vectors.map { Array($0.prefix(width)) }
    }

    /// The embeddings with motion features, `[n, width]`.
    public var tensor: Tensor {
        Tensor(
            shape: [vectors.count, vectors.first?.count ?? 0], elements: vectors.flatMap(\.self))
    }

    /// - Throws: `TensorError.file`.
    public func write(to path: String) throws {
        let byName = Dictionary(uniqueKeysWithValues: encoders.map { ($0.rawValue, $1) })
        let identities = try JSONEncoder.sorted.encode(byName)
        try Safetensors.write(
            ["embeddings": tensor],
            metadata: [
                "inputs": JSONValue.array(inputs).description,
                "encoders": String(decoding: identities, as: UTF8.self),
                "sampling": String(
                    decoding: try JSONEncoder.sorted.encode(sampling), as: UTF8.self),
                "version": ganrmVersion,
            ], to: path)
    }

    /// Reads a file that `write` wrote.
    ///
    /// - Throws: `TensorError` for a damaged file, `PipelineError.embeddingsFile` for one of another
    ///   format.
    public init(path: String) throws {
        let file = try WeightFile.open(path)
        guard let tensor = file.tensors["embeddings"], tensor.shape.count == 2 else {
            throw PipelineError.embeddingsFile(
                path: path, reason: "no tensor embeddings [n, width]")
        }
        guard
            let inputs = file.metadata["inputs"].flatMap({ try? JSONValue(parsing: $0) })?
                .arrayValue,
            inputs.count == tensor.shape[0], tensor.dtype.isFloatingPoint,
            let encoders = file.metadata["encoders"].flatMap({
                try? JSONDecoder().decode([String: EncoderIdentity].self, from: Data($0.utf8))
            }),
            let sampling = file.metadata["sampling"].flatMap({
                try? JSONDecoder().decode(Sampling.self, from: Data($0.utf8))
            })
        else {
            throw PipelineError.embeddingsFile(
                path: path, reason: "inputs, encoders or sampling are missing")
        }
        let width = tensor.shape[1]
        for identity in encoders.values {
            guard identity.hasPossibleWidth, identity.embeddingWidth == width || inputs.isEmpty
            else {
                throw PipelineError.embeddingsFile(
                    path: path,
                    reason: """
                        embeddings of \(width) values, but the encoder '\(identity.name)' gives \
                        \(identity.embeddingWidth)
                        """)
            }
        }
        do { try sampling.validate() } catch {
            throw PipelineError.embeddingsFile(path: path, reason: "\(error)")
        }
        let floats = tensor.floats()
        if let index = floats.firstIndex(where: { !$0.isFinite }) {
            throw PipelineError.embeddingsFile(
                path: path,
                reason: "row \(index / width) has infinities or NaNs; encode its input again")
        }
        self.inputs = inputs
        self.vectors = inputs.indices.map { Array(floats[$0 * width..<($0 + 1) * width]) }
        self.sampling = sampling
        self.encoders = [:]
        for (name, identity) in encoders {
            guard let kind = MediaKind(rawValue: name) else {
                throw PipelineError.embeddingsFile(path: path, reason: "unknown kind '\(name)'")
            }
            self.encoders[kind] = identity
        }
    }
}

extension JSONEncoder {
    /// An encoder with sorted keys, so that equal values give equal bytes.
    static var sorted: JSONEncoder {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return encoder
    }
}
