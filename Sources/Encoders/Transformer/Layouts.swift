/// The layouts in which a transformer's weights are packed; all blocks share them.
struct Layouts: Sendable {
    let patches: MatrixLayout
    let queryKeyValue: MatrixLayout
    let output: MatrixLayout
    let fc1: MatrixLayout
    let fc2: MatrixLayout
}
