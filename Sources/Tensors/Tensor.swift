/// A dense tensor of `Float` in row-major order.
public struct Tensor: Sendable, Hashable {
    /// Size of each dimension; `[]` is a scalar.
    public let shape: [Int]

    /// The elements; their count is the product of `shape`.
    public var elements: [Float]

    public init(shape: [Int], elements: [Float]) {
        precondition(shape.reduce(1, *) == elements.count, "\(shape) is not \(elements.count) long")
        self.shape = shape
        self.elements = elements
    }

    public init(repeating value: Float, shape: [Int]) {
        self.init(
            shape: shape, elements: Array(repeating: value, count: shape.reduce(1, *)))
    }
}
