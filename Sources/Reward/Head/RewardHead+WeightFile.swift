public import Tensors

extension RewardHead {
    /// Reads the tensors of a head. A head without `fc1.weight` is linear.
    ///
    /// `num_batches_tracked`, which PyTorch writes, is ignored.
    ///
    /// - Throws: `RewardError.badTensor` if a tensor is missing, unknown, misshapen or not finite,
    ///   or if a running variance is negative.
    public init(
        _ file: WeightFile, architecture: HeadArchitecture = .projection
    ) throws(RewardError) {
        func bad(_ tensor: String, _ problem: String) -> RewardError {
            .badTensor(source: file.name, tensor: tensor, problem: problem)
        }
        let isLinear = file.tensors["fc1.weight"] == nil && file.tensors["out.weight"] != nil
        let name = isLinear ? "out.weight" : "fc1.weight"
        guard let first = file.tensors[name] else { throw bad(name, "is missing") }
        guard first.shape.count == 2, HeadLayout.accepts(width: first.shape[1]) else {
            let rows = isLinear ? "2" : "1.5 D"
            throw bad(name, "has shape \(first.shape), not [\(rows), D] with an even D")
        }
        let architecture = isLinear ? .linear : architecture
        let layout = HeadLayout(width: first.shape[1], architecture: architecture)
        let known = Set(layout.entries.map(\.name))
        let ignored: Set = ["bn1.num_batches_tracked", "bn2.num_batches_tracked"]
        for name in file.tensors.keys.sorted() where !known.contains(name) {
            guard ignored.contains(name) else { throw bad(name, "is not part of the head") }
        }
        // Shapes are checked first, to reject a file with a huge width before allocating memory.
        for entry in layout.entries {
            guard let stored = file.tensors[entry.name] else {
                throw bad(entry.name, "is missing")
            }
            guard stored.shape == entry.shape else {
                throw bad(entry.name, "has shape \(stored.shape), not \(entry.shape)")
            }
            guard stored.dtype.isFloatingPoint else {
                throw bad(entry.name, "holds \(stored.dtype.rawValue), not floating point")
            }
        }
        var values: [Float] = []
        values.reserveCapacity(layout.count)
        for entry in layout.entries {
            guard let floats = file.tensors[entry.name]?.floats() else { continue }
            guard floats.allSatisfy(\.isFinite) else {
                throw bad(entry.name, "holds infinities or NaNs")
            }
            if entry.name.hasSuffix("running_var"), floats.contains(where: { $0 < 0 }) {
                throw bad(entry.name, "holds a negative variance")
            }
            values.append(contentsOf: floats)
        }
        self.init(layout: layout, values: values)
    }

    /// Reads a head without metadata, for example one saved from PyTorch.
    ///
    /// - Throws: `RewardError.file` or `.badTensor`.
    public static func load(_ path: String) throws(RewardError) -> RewardHead {
        let file: WeightFile
        do { file = try WeightFile.open(path) } catch { throw .file(error) }
        return try RewardHead(file)
    }
}
