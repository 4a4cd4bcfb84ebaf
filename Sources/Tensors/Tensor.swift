/// A dense array of `Float`, row-major: the last axis varies fastest.
public struct Tensor: Sendable, Hashable {
    /// The length of each axis; `[]` is a scalar.
    public let shape: [Int]

    /// The numbers, `shape`'s product of them.
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
