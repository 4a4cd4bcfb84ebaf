import Files

/// Restores the names that initializers had in PyTorch.
///
/// PyTorch's exporter keeps a parameter's name only if constant folding does not change it. A
/// linear layer's weight is transposed and renamed to `onnx::MatMul_1966`, but its name can be
/// derived from the node that uses it: `/backbone/encoder/layer.0/mlp/fc1/MatMul`. Likewise
/// DINOv2's position embeddings are split into those of the CLS token and of the patches, because
/// only the latter are interpolated.
struct OnnxNames {
    private struct Use {
        var operation: String
        /// Dotted module path of the node: `backbone.encoder.layer.0.mlp.fc1`.
        var module: String
        /// Index among the node's inputs.
        var input: Int
    }

    /// First use of each initializer.
    private var uses: [String: Use] = [:]

    init(nodes: [OnnxNode]) {
        for node in nodes {
            let module = node.name.split(separator: "/").dropLast().joined(separator: ".")
            for (input, name) in node.input.enumerated() where uses[name] == nil {
                uses[name] = Use(operation: node.opType, module: module, input: input)
            }
        }
    }

    /// Initializers with PyTorch's names, linear weights as `[out, in]`.
    ///
    /// If the model has a `backbone`, only its parameters are returned, without that prefix.
    /// Constants of the exporter that are not parameters are left out. Returns nil if there is not
    /// enough memory.
    func restore(_ initializers: [String: StoredTensor]) -> [String: StoredTensor]? {
        var tensors: [String: StoredTensor] = [:]
        var positions: [String: (token: StoredTensor?, patches: StoredTensor?)] = [:]
        for (name, tensor) in initializers {
            guard Self.isGenerated(name) else {
                tensors[name] = tensor
                continue
            }
            guard let use = uses[name] else { continue }
            switch (use.operation, use.input, tensor.shape.count) {
            case ("MatMul", 1, 2):
                let restored = use.module + ".weight"
                guard initializers[restored] == nil else { continue }
                guard let transposed = tensor.transposed() else { return nil }
                tensors[restored] = transposed
            case ("Concat", 0, 3) where use.module.hasSuffix("embeddings"):
                positions[use.module, default: (nil, nil)].token = tensor
            case ("Reshape", 0, 3) where use.module.hasSuffix("embeddings"):
                positions[use.module, default: (nil, nil)].patches = tensor
            default: continue
            }
        }
        for (module, halves) in positions {
            let restored = module + ".position_embeddings"
            guard tensors[restored] == nil, let token = halves.token, let patches = halves.patches,
                let joined = StoredTensor(token: token, patches: patches)
            else { continue }
            tensors[restored] = joined
        }
        let prefix = "backbone."
        let backbone = tensors.filter { $0.key.hasPrefix(prefix) }
        guard !backbone.isEmpty else { return tensors }
        return Dictionary(
            uniqueKeysWithValues: backbone.map {
                (String($0.key.dropFirst(prefix.count)), $0.value)
            })
    }

    /// Whether the exporter generated the name: `onnx::MatMul_1966`, or a bare number.
    private static func isGenerated(_ name: String) -> Bool {
        name.hasPrefix("onnx::") || name.allSatisfy(\.isNumber)
    }
}

extension StoredTensor {
    /// Concatenates `[1, 1, width]` and `[1, n, width]` to `[1, 1 + n, width]`; nil if shapes or
    /// dtypes do not match, or if there is not enough memory.
    fileprivate init?(token: StoredTensor, patches: StoredTensor) {
        guard token.shape.count == 3, patches.shape.count == 3, token.shape[0] == 1,
            token.shape[1] == 1, patches.shape[0] == 1, token.shape[2] == patches.shape[2],
            token.dtype == patches.dtype, let count = Checked.sum(1, patches.shape[1]),
            token.dtype.byteCount(shape: [1, count, token.shape[2]]) != nil
        else { return nil }
        let storage = ByteStorage(count: token.range.count + patches.range.count) { joined in
            token.withBytes { joined.copyMemory(from: $0) }
            patches.withBytes {
                UnsafeMutableRawBufferPointer(rebasing: joined[token.range.count...])
                    .copyMemory(from: $0)
            }
        }
        guard let storage else { return nil }
        self.init(
            shape: [1, count, token.shape[2]], dtype: token.dtype,
            storage: storage, range: 0..<storage.count)
    }
}
