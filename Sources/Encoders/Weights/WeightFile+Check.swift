package import Tensors

extension WeightFile {
    /// Checks that tensors are there, without their elements. A file may hold others.
    ///
    /// - Parameter shapes: Shapes of tensors by name.
    /// - Throws: `EncoderError` naming missing or misshapen tensors, or those that have no floating-point numbers.
    package func check(_ shapes: [String: [Int]]) throws(EncoderError) {
        let missing = shapes.keys.filter { tensors[$0] == nil }
        guard missing.isEmpty else { throw .missingTensors(file: name, names: missing.sorted()) }
        for (tensor, shape) in shapes.sorted(by: { $0.key < $1.key }) {
            guard let stored = tensors[tensor] else { continue }
            guard stored.dtype.isFloatingPoint else {
                throw .unsupportedDtype(file: name, name: tensor, dtype: stored.dtype.rawValue)
            }
            guard stored.shape == shape else {
                throw .misshapenTensor(
                    file: name, name: tensor, shape: stored.shape, expected: shape)
            }
        }
    }
}
