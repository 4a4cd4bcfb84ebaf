/// Rows of the residual stream that go through the layers together: a part of one clip's tokens,
/// or all tokens of several short clips.
struct RowTile: Sendable, Hashable {
    var firstClip: Int
    var clipCount: Int
    /// Of each clip.
    var tokens: Range<Int>

    var rowCount: Int { clipCount * tokens.count }

    /// Cuts clips into tiles.
    ///
    /// - Parameters:
    ///   - clipsPerTile: How many clips may share a tile, 1 among them; ascending.
    ///   - workers: Rather smaller tiles than idle workers.
    static func cut(
        clips: Int, tiles: TokenTiles, clipsPerTile: [Int], workers: Int
    ) -> [RowTile] {
        guard clipsPerTile.count > 1 else {
            return (0..<clips * tiles.count).map { index in
                RowTile(
                    firstClip: index / tiles.count, clipCount: 1,
                    tokens: tiles[index % tiles.count])
            }
        }
        let share = max(1, clips / workers)
        let allowed = clipsPerTile.filter { $0 <= share }
        var cut: [RowTile] = []
        var first = 0
        while first < clips {
            let count = allowed.last { $0 <= clips - first } ?? 1
            cut.append(
                RowTile(firstClip: first, clipCount: count, tokens: 0..<tiles.tokenCount))
            first += count
        }
        return cut
    }
}
