import Tensors

extension MahalanobisDistance {
    /// The tensors `mean` and `deviation`, `[D]`, and `components`, `[r, D]`, with a name prefix.
    func parameters(prefix: String) -> [String: Tensor] {
        [
            prefix + "mean": Tensor(shape: [width], elements: mean),
            prefix + "deviation": Tensor(shape: [width], elements: deviation),
            prefix + "components": Tensor(
                shape: [components.count / width, width], elements: components),
        ]
    }

    /// Reads the tensors that `parameters` returns.
    ///
    /// - Throws: `RewardError.badTensor` if one is missing, misshapen or not finite, or if a
    ///   deviation is not above 0.
    init(_ file: WeightFile, prefix: String, width: Int, ridge: Double) throws(RewardError) {
        func bad(_ tensor: String, _ problem: String) -> RewardError {
            .badTensor(source: file.name, tensor: prefix + tensor, problem: problem)
        }
        func read(_ name: String, axes: Int) throws(RewardError) -> [Float] {
            try file.floats(prefix + name) { shape in
                shape.count == axes && shape.last == width
                    ? nil
                    : "has shape \(shape), not \(axes == 1 ? "[\(width)]" : "[r, \(width)]")"
            }
        }
        let deviation = try read("deviation", axes: 1)
        guard deviation.allSatisfy({ $0 > 0 }) else {
            throw bad("deviation", "holds a value that is not above 0")
        }
        self.init(
            mean: try read("mean", axes: 1), deviation: deviation,
            components: try read("components", axes: 2), ridge: ridge)
    }
}

extension WeightFile {
    /// The elements of a floating-point tensor, row-major.
    ///
    /// - Parameter problem: Returns why a shape is invalid; nil if it is valid.
    /// - Throws: `RewardError.badTensor` if the tensor is missing, misshapen, of another dtype or
    ///   not finite.
    func floats(
        _ tensor: String, problem: ([Int]) -> String?
    ) throws(RewardError) -> [Float] {
        func bad(_ problem: String) -> RewardError {
            .badTensor(source: name, tensor: tensor, problem: problem)
        }
        guard let stored = tensors[tensor] else { throw bad("is missing") }
        if let problem = problem(stored.shape) { throw bad(problem) }
        guard stored.dtype.isFloatingPoint else {
            throw bad("holds \(stored.dtype.rawValue), not floating point")
        }
        let floats = stored.floats()
        guard floats.allSatisfy(\.isFinite) else {
            throw bad("holds infinities or NaNs")
        }
        return floats
    }

    /// Rejects tensors that are not in `known`.
    ///
    /// - Throws: `RewardError.badTensor`.
    func checkNames(among known: [String: Tensor]) throws(RewardError) {
        for tensor in tensors.keys.sorted() where known[tensor] == nil {
            throw .badTensor(source: name, tensor: tensor, problem: "is not part of the head")
        }
    }

    /// Splits the file into the tensors without and with a name prefix.
    func split(prefix: String) -> (rest: WeightFile, part: WeightFile?) {
        (
            WeightFile(name: name, tensors: tensors.filter { !$0.key.hasPrefix(prefix) }),
            WeightFile(name: name, tensors: tensors.filter { $0.key.hasPrefix(prefix) })
        )
    }
}
