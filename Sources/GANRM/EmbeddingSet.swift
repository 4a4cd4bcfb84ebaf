public import Encoders
import Foundation
public import Frames
public import JSON
import Scoring
public import Tensors

/// Embeddings of many inputs, in memory or in a safetensors file: what `encode` writes and
/// `train` reads.
///
/// In the file, tensor `embeddings` is `[n, 2 · width · taps]` and motion, F32, in input order; metadata
/// `inputs` is a JSON array of one object per row, `encoders` the encoders' identities by kind,
/// `sampling` how files were sampled.
public struct EmbeddingSet: Sendable {
    /// A row's origin: the keys of its request, `input`, what the input was like (`SampleOrigin`) and,
    /// for single clips, its place in time.
    public var inputs: [JSONValue]
    /// One per input, all of one length.
    public var vectors: [[Float]]
    /// The encoders that made them, by the kind of input.
    public var encoders: [MediaKind: EncoderIdentity]

    /// How the files among the inputs were sampled.
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

    /// Some of the rows.
    public func filter(_ isWanted: (_ input: JSONValue) -> Bool) -> EmbeddingSet {
        var some = EmbeddingSet(encoders: encoders, sampling: sampling)
        for (vector, input) in zip(vectors, inputs) where isWanted(input) {
            some.append(vector, input: input)
        }
        return some
    }

    /// Without degraded copies of other rows.
    public var originals: EmbeddingSet {
        let undamaged = inputs.filter { $0["perturbed"] != .bool(true) }
        let names = Set(undamaged.compactMap { $0["input"]?.stringValue })
        return filter { row in
            row["perturbed"] != .bool(true)
                || !(row["of"]?.stringValue.map(names.contains) ?? false)
        }
    }

    /// Numbers of a row that say what is to be seen, before those that say how it moves.
    public var contentWidth: Int {
        let width = vectors.first?.count ?? 0
        let hasMotion = encoders.values.contains { $0.motion != nil }
        return width - (hasMotion ? MotionRecipe.featureCount : 0)
    }

    /// What is to be seen of each row, without motion, `[n][contentWidth]`.
    public var contents: [[Float]] {
        let width = contentWidth
        return vectors.map { Array($0.prefix(width)) }
    }

    /// All rows, `[n, 2 · width · taps]` and motion.
    public var tensor: Tensor {
        Tensor(
            shape: [vectors.count, vectors.first?.count ?? 0], elements: vectors.flatMap(\.self))
    }

    /// - Throws: `TensorError.unwritable`.
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

    /// Reads what `write` wrote.
    ///
    /// - Throws: `TensorError` for a damaged file, `GANRMError.embeddingsFile` for another one.
    public init(path: String) throws {
        let file = try WeightFile.open(path)
        guard let tensor = file.tensors["embeddings"], tensor.shape.count == 2 else {
            throw GANRMError.embeddingsFile(path: path, reason: "no tensor embeddings [n, width]")
        }
        guard
            let inputs = file.metadata["inputs"].flatMap({ try? JSONValue(parsing: $0) })?
                .arrayValue,
            inputs.count == tensor.shape[0],
            let encoders = file.metadata["encoders"].flatMap({
                try? JSONDecoder().decode([String: EncoderIdentity].self, from: Data($0.utf8))
            }),
            let sampling = file.metadata["sampling"].flatMap({
                try? JSONDecoder().decode(Sampling.self, from: Data($0.utf8))
            })
        else {
            throw GANRMError.embeddingsFile(
                path: path, reason: "inputs, encoders or sampling are missing")
        }
        let floats = tensor.floats()
        let width = tensor.shape[1]
        self.inputs = inputs
        self.vectors = inputs.indices.map { Array(floats[$0 * width..<($0 + 1) * width]) }
        self.sampling = sampling
        self.encoders = [:]
        for (name, identity) in encoders {
            guard let kind = MediaKind(rawValue: name) else {
                throw GANRMError.embeddingsFile(path: path, reason: "unknown kind '\(name)'")
            }
            self.encoders[kind] = identity
        }
    }
}

extension JSONEncoder {
    /// The same value always gives the same bytes.
    static var sorted: JSONEncoder {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return encoder
    }
}
