/// How the tokens of one clip are cut into tiles, the units that workers take.
///
/// The cut depends on the token count alone, never on batch or threads: a row's bits may depend
/// on how many rows are multiplied with it.
struct TokenTiles: Sendable, Hashable {
    /// Tokens of one clip.
    let tokenCount: Int
    /// Tokens per tile; the last tile may have fewer.
    let tileRows: Int

    /// - Parameter target: About this many tokens per tile.
    init(tokenCount: Int, target: Int) {
        self.tokenCount = tokenCount
        let tiles = max(1, (tokenCount + target / 2) / target)
        tileRows = (tokenCount + tiles - 1) / tiles
    }

    var count: Int { (tokenCount + tileRows - 1) / tileRows }

    subscript(tile: Int) -> Range<Int> {
        tile * tileRows..<min((tile + 1) * tileRows, tokenCount)
    }

    /// The row counts that occur: of all tiles but the last, and of the last.
    var rowCounts: Set<Int> { [tileRows, self[count - 1].count] }
}
