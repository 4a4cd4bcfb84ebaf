/// Gives initializers the names that they had in PyTorch.
///
/// PyTorch's exporter keeps a parameter's name only if no constant folding touched it. A linear
/// layer's weight is transposed and becomes `onnx::MatMul_1966`, but the node that uses it still
/// says where: `/backbone/encoder/layer.0/mlp/fc1/MatMul`. Likewise DINOv2's position embeddings
/// are cut in two, the CLS token's and the patches', because only the latter are interpolated.
struct OnnxNames {
    private struct Use {
        var operation: String
        /// The node's module path with dots: `backbone.encoder.layer.0.mlp.fc1`.
        var module: String
        /// Which of the node's inputs it is.
        var input: Int
    }

    /// The first node that uses an initializer.
    private var uses: [String: Use] = [:]

    init(nodes: [OnnxNode]) {
        for node in nodes {
            let module = node.name.split(separator: "/").dropLast().joined(separator: ".")
            for (input, name) in node.input.enumerated() where uses[name] == nil {
                uses[name] = Use(operation: node.opType, module: module, input: input)
            }
        }
    }

    /// Initializers under PyTorch's names, linear weights as `[out, in]`.
    ///
    /// If the model is a head on a `backbone`, only the backbone is returned, without that prefix.
    /// Constants that the exporter made and that are no parameter are left out.
    func restore(_ initializers: [String: StoredTensor]) -> [String: StoredTensor] {
        var tensors: [String: StoredTensor] = [:]
        var positions: [String: (token: StoredTensor?, patches: StoredTensor?)] = [:]
        for (name, tensor) in initializers {
            guard Self.isMadeUp(name) else {
                tensors[name] = tensor
                continue
            }
            guard let use = uses[name] else { continue }
            switch (use.operation, use.input, tensor.shape.count) {
            case ("MatMul", 1, 2):
                let restored = use.module + ".weight"
                if initializers[restored] == nil { tensors[restored] = tensor.transposed() }
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

    /// Whether the exporter made the name up: `onnx::MatMul_1966`, or a bare number.
    private static func isMadeUp(_ name: String) -> Bool {
        name.hasPrefix("onnx::") || name.allSatisfy(\.isNumber)
    }
}

extension StoredTensor {
    /// `[1, 1, width]` and `[1, n, width]` as `[1, 1 + n, width]`, or nil if they do not fit.
    fileprivate init?(token: StoredTensor, patches: StoredTensor) {
        guard token.shape.count == 3, patches.shape.count == 3, token.shape[0] == 1,
            token.shape[1] == 1, patches.shape[0] == 1, token.shape[2] == patches.shape[2],
            token.elementType == patches.elementType
        else { return nil }
        let storage = ByteStorage(count: token.range.count + patches.range.count) { joined in
            token.withBytes { joined.copyMemory(from: $0) }
            patches.withBytes {
                UnsafeMutableRawBufferPointer(rebasing: joined[token.range.count...])
                    .copyMemory(from: $0)
            }
        }
        self.init(
            shape: [1, 1 + patches.shape[1], token.shape[2]], elementType: token.elementType,
            storage: storage, range: 0..<storage.count)
    }
}
