/// Memory that one thread needs to itself while it works.
///
/// Not shared: a worker serves one thread at a time.
final class Worker {
    let index: Int
    /// Unfolded patches, or the perceptron's inner numbers, of one tile.
    let wide = AlignedBuffer()
    /// What a layer is applied to, of one tile: patches, normalised tokens, or what was rounded to bytes.
    let rounded = AlignedBuffer()
    /// What each row of bytes stands for.
    let scales = AlignedBuffer()
    /// What attention packs, and its scores.
    let attention = AlignedBuffer()

    /// Set while somebody measures.
    var timer: LapTimer?

    init(index: Int) {
        self.index = index
    }
}
