package import Tensors

/// A transformer's tensors under canonical names, independent of file format and naming
/// scheme.
///
/// Canonical names: `class_token`, `positions`, `temporal_positions`, `patches.weight`,
/// `input_norm.bias`, `blocks.0.query.weight`, `blocks.0.scale1.scale`, `output_norm.weight`, `projection`, ….
/// Linear layers are `[out, in]`, the patch embedding is `[width, 3, p, p]`. Tensors are copied and
/// converted on access only.
package struct TransformerWeights: Sendable {
    /// Canonical name → tensor in its canonical shape.
    let tensors: [String: StoredTensor]

    /// Looks up all tensors of a vision transformer.
    ///
    /// - Throws: `EncoderError` naming missing, unused or misshapen tensors.
    package init(_ file: WeightFile, vision configuration: VisionTransformerConfiguration)
        throws(EncoderError)
    {
        guard let scheme = WeightScheme.recognise(file.tensors.keys, among: WeightScheme.vision)
        else {
            throw .unknownWeightScheme(file: file.name)
        }
        try self.init(file, shapes: configuration.weightShapes, scheme: scheme)
    }

    /// Looks up all tensors of a text transformer.
    ///
    /// - Throws: `EncoderError` naming missing, unused or misshapen tensors.
    package init(_ file: WeightFile, text configuration: TextTransformerConfiguration)
        throws(EncoderError)
    {
        guard let scheme = WeightScheme.recognise(file.tensors.keys, among: WeightScheme.text)
        else {
            throw .noTextTransformer(file: file.name)
        }
        try self.init(file, shapes: configuration.weightShapes, scheme: scheme)
    }

    /// Looks up all tensors of an image-grounded text encoder.
    ///
    /// - Throws: `EncoderError` naming missing, unused or misshapen tensors.
    package init(_ file: WeightFile, grounded configuration: GroundedTextConfiguration)
        throws(EncoderError)
    {
        guard let scheme = WeightScheme.recognise(file.tensors.keys, among: [.bert]) else {
            throw .noGroundedText(file: file.name)
        }
        try self.init(file, shapes: configuration.weightShapes, scheme: scheme)
    }

    /// Looks up tensors by the names of a scheme.
    ///
    /// - Parameters:
    ///   - shapes: Canonical name → shape.
    ///   - isWhole: Whether these are all tensors below the scheme's prefix, so that another one is an error.
    /// - Throws: `EncoderError` naming missing, unused or misshapen tensors.
    init(
        _ file: WeightFile, shapes: [String: [Int]], scheme: WeightScheme, isWhole: Bool = true
    ) throws(EncoderError) {
        var tensors: [String: StoredTensor] = [:]
        var missing: [String] = []
        var used: Set<String> = []
        for (canonicalName, shape) in shapes {
            let source = scheme.source(of: canonicalName)
            guard let name = source.names.first(where: { file.tensors[$0] != nil }),
                let stored = file.tensors[name]
            else {
                missing.append(source.names[0])
                continue
            }
            used.insert(name)
            guard stored.dtype.isFloatingPoint else {
                throw .unsupportedDtype(
                    file: file.name, name: name, dtype: stored.dtype.rawValue)
            }
            var storedShape = shape
            if source.third != nil { storedShape[0] *= 3 }
            if source.isTransposed { storedShape.reverse() }
            // Axes of length 1 are ignored: [1, 1, width] is a token, [w, 3, 1, p, p] a patch
            // embedding with a temporal kernel of 1.
            guard stored.shape.filter({ $0 != 1 }) == storedShape.filter({ $0 != 1 }) else {
                throw .misshapenTensor(
                    file: file.name, name: name, shape: stored.shape, expected: storedShape)
            }
            guard source.isTransposed else {
                tensors[canonicalName] = stored.part(source.third ?? 0, reshaped: shape)
                continue
            }
            guard let transposed = stored.transposed() else {
                throw .outOfMemory(byteCount: stored.elementCount * stored.dtype.byteCount)
            }
            tensors[canonicalName] = transposed
        }
        guard missing.isEmpty else {
            throw .missingTensors(file: file.name, names: Set(missing).sorted())
        }
        let unused = file.tensors.keys.filter {
            isWhole && $0.hasPrefix(scheme.prefix) && !used.contains($0) && !scheme.ignores($0)
        }
        guard unused.isEmpty else {
            throw .unusedTensors(file: file.name, names: unused.sorted())
        }
        self.tensors = tensors
    }

    /// Estimate of the memory for all tensors with `elementSize` bytes per element, and for the
    /// conversion of the largest to F32, in bytes.
    func packedByteCount(_ elementSize: Int) -> Int {
        let counts = tensors.values.map(\.elementCount)
        return elementSize * counts.reduce(0, +) + 4 * (counts.max() ?? 0)
    }

    /// The tensor with a canonical name of this configuration.
    subscript(_ canonicalName: String) -> StoredTensor {
        guard let tensor = tensors[canonicalName] else {
            preconditionFailure("'\(canonicalName)' is no tensor of this configuration")
        }
        return tensor
    }

    /// The values of the tensor with a canonical name of this configuration.
    func floats(_ canonicalName: String) -> [Float] { self[canonicalName].floats() }
}

extension StoredTensor {
    /// The values of a row of a matrix; the others are not read.
    func row(_ index: Int) -> [Float] {
        precondition(shape.count == 2 && (0..<shape[0]).contains(index))
        return part(index, reshaped: [shape[1]]).floats()
    }

    /// The `index`-th slice of this shape, without copying.
    fileprivate func part(_ index: Int, reshaped shape: [Int]) -> StoredTensor {
        let byteCount = shape.reduce(dtype.byteCount, *)
        let start = range.lowerBound + index * byteCount
        return StoredTensor(
            shape: shape, dtype: dtype, storage: storage,
            range: start..<start + byteCount)
    }
}

extension VisionTransformerConfiguration {
    /// Shapes of the transformer's tensors by canonical name.
    var weightShapes: [String: [Int]] {
        var shapes: [String: [Int]] = [
            "class_token": [width],
            "positions": [1 + positionGrid * positionGrid, width],
            "patches.weight": [width, 3, patchSize, patchSize],
        ]
        if hasPatchBias { shapes["patches.bias"] = [width] }
        if frameCount > 1 { shapes["temporal_positions"] = [frameCount, width] }
        var norms: [String] = []
        if normalisesInput { norms.append("input_norm") }
        if normalisesOutput { norms.append("output_norm") }
        for norm in norms {
            shapes["\(norm).weight"] = [width]
            shapes["\(norm).bias"] = [width]
        }
        return shapes.merging(blockShape.weightShapes(blocks: layers)) { own, _ in own }
    }
}
