/// How the tokens of one clip are cut into tiles, the units that workers take.
///
/// The cut depends on the token count alone, never on batch or threads: a row's bits may depend
/// on how many rows are multiplied with it.
struct TokenTiles: Sendable, Hashable {
    /// Tokens of one clip.
    let tokenCount: Int
    /// Tokens per tile, a multiple of 16 if there are several; the last tile has the rest.
    ///
    /// oneDNN's kernels take rows by the dozen and lose up to a tenth of their speed to a
    /// remainder: at width 1024, 224 rows run at 156 GFLOP/s, 228 at 137 and 257 at 135.
    let tileRows: Int

    /// - Parameter target: About this many tokens per tile.
    init(tokenCount: Int, target: Int) {
        self.tokenCount = tokenCount
        let tiles = max(1, (tokenCount + target / 2) / target)
        let even = (tokenCount + tiles - 1) / tiles
        tileRows = min(tokenCount, (even + 15) / 16 * 16)
    }

    var count: Int { (tokenCount + tileRows - 1) / tileRows }

    subscript(tile: Int) -> Range<Int> {
        tile * tileRows..<min((tile + 1) * tileRows, tokenCount)
    }

    /// The row counts that occur: of all tiles but the last, and of the last.
    var rowCounts: Set<Int> { [tileRows, self[count - 1].count] }
}
