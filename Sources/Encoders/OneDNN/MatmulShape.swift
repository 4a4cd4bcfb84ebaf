/// What oneDNN must know of a product `[rows, inner] · [inner, columns]` to prepare it.
struct MatmulShape: Hashable, Sendable {
    /// What lies on the right.
    enum Weights: Hashable, Sendable {
        /// A layer's weights in the layout that suits oneDNN, with a bias per column.
        case packed
        /// A part of another matrix, as it lies; distances in elements.
        case strided(row: Int, column: Int)
    }

    /// What happens to the product before it is stored.
    enum Epilogue: Hashable, Sendable {
        case none
        /// It is added to what the destination holds.
        case sum
        case activation(VisionTransformerConfiguration.Activation)
    }

    var rows: Int
    var inner: Int
    var columns: Int
    /// From one row of the source to the next, in elements.
    var sourceStride: Int
    var weights: Weights
    /// From one row of the destination to the next, in elements.
    var destinationStride: Int
    var epilogue: Epilogue
    /// Of source and weights.
    var precision: Precision
    var destinationPrecision: Precision
}
