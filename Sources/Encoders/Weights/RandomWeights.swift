internal import Files
public import Tensors

/// Random weights, to benchmark an encoder without its checkpoint.
///
/// Norms have scale 1 and linear layers preserve variance, so that activations neither overflow nor
/// become subnormal, which would be slow.
public enum RandomWeights {
    /// Deterministic weights under the tensor names of the architecture's original checkpoint.
    ///
    /// - Throws: `EncoderError.invalidConfiguration`, `.outOfMemory`.
    public static func file(
        for architecture: EncoderArchitecture
    ) throws(EncoderError) -> WeightFile {
        switch architecture {
        case .transformer(let configuration):
            try configuration.validate()
            return try file(
                configuration.weightShapes,
                scheme: configuration.hasLayerScale ? .dinov2 : .openAI)
        case .convolutional(let net): return try file(net.weightShapes, scheme: nil)
        }
    }

    /// - Parameters:
    ///   - shapes: Shapes of tensors by canonical name.
    ///   - scheme: The names in the file; nil are the canonical ones.
    private static func file(
        _ shapes: [String: [Int]], scheme: WeightScheme?
    ) throws(EncoderError) -> WeightFile {
        // The values exist twice while they are concatenated.
        let size = shapes.values.reduce(0) { $0 + 8 * $1.reduce(1, *) }
        guard Memory.isAvailable(size) else { throw .outOfMemory(byteCount: size) }
        var state: UInt64 = 0
        /// A value in −1…1 (Knuth's MMIX generator).
        func uniform() -> Float {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Float(Int32(truncatingIfNeeded: state >> 32)) * 0x1p-31
        }
        func values(_ name: String, _ shape: [Int]) -> [Float] {
            let count = shape.reduce(1, *)
            let isNorm = name.contains("norm") || name.contains(".bn.")
            if isNorm, name.hasSuffix("weight") || name.hasSuffix("running_var") {
                return Array(repeating: 1, count: count)
            }
            if name.hasSuffix(".scale") { return Array(repeating: 0.5, count: count) }
            let inputs = shape.count > 1 ? shape.dropFirst().reduce(1, *) : 100
            let scale = (3 / Float(inputs)).squareRoot()
            return (0..<count).map { _ in uniform() * scale }
        }
        // A fused projection is the concatenation of its thirds.
        var parts: [String: [(third: Int, shape: [Int], values: [Float])]] = [:]
        for (name, shape) in shapes.sorted(by: { $0.key < $1.key }) {
            let source = scheme?.source(of: name)
            parts[source?.names[0] ?? name, default: []].append(
                (source?.third ?? 0, shape, values(name, shape)))
        }
        let tensors = parts.mapValues { parts in
            let sorted = parts.sorted { $0.third < $1.third }
            var shape = sorted[0].shape
            shape[0] *= sorted.count
            return StoredTensor(sorted.flatMap(\.values), shape: shape)
        }
        return WeightFile(name: "made-up weights", tensors: tensors)
    }
}
