import Tensors

extension MahalanobisDistance {
    /// `mean` and `deviation`, `[D]`, and `components`, `[r, D]`, behind a prefix.
    func parameters(prefix: String) -> [String: Tensor] {
        [
            prefix + "mean": Tensor(shape: [width], elements: mean),
            prefix + "deviation": Tensor(shape: [width], elements: deviation),
            prefix + "components": Tensor(
                shape: [components.count / width, width], elements: components),
        ]
    }

    /// Reads the tensors that `parameters` gives.
    ///
    /// - Throws: `RewardError.badTensor` if one is missing, misshapen or not finite, or if a deviation is not
    ///   above 0.
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
            throw bad("deviation", "holds a number that is not above 0")
        }
        self.init(
            mean: try read("mean", axes: 1), deviation: deviation,
            components: try read("components", axes: 2), ridge: ridge)
    }
}

extension WeightFile {
    /// The numbers of a tensor of a reward model, finite.
    ///
    /// - Parameter problem: What is wrong with a shape, nil if nothing is.
    func floats(
        _ tensor: String, problem: ([Int]) -> String?
    ) throws(RewardError) -> [Float] {
        func bad(_ problem: String) -> RewardError {
            .badTensor(source: name, tensor: tensor, problem: problem)
        }
        guard let stored = tensors[tensor] else { throw bad("is missing") }
        if let problem = problem(stored.shape) { throw bad(problem) }
        guard stored.elementType.isFloatingPoint else {
            throw bad("holds \(stored.elementType.rawValue), not floating point")
        }
        let floats = stored.floats()
        guard floats.allSatisfy(\.isFinite) else {
            throw bad("holds infinities or not-a-numbers")
        }
        return floats
    }

    /// Refuses tensors that are not among those known.
    func checkNames(among known: [String: Tensor]) throws(RewardError) {
        for tensor in tensors.keys.sorted() where known[tensor] == nil {
            throw .badTensor(source: name, tensor: tensor, problem: "is not part of the head")
        }
    }

    /// The file without tensors whose names begin in some way, and those alone.
    func split(prefix: String) -> (rest: WeightFile, part: WeightFile?) {
        (
            WeightFile(name: name, tensors: tensors.filter { !$0.key.hasPrefix(prefix) }),
            WeightFile(name: name, tensors: tensors.filter { $0.key.hasPrefix(prefix) })
        )
    }
}
