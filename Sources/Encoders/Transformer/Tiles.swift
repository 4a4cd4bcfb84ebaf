/// Rows cut into pieces of nearly equal size, all but the last in whole dozens: kernels take rows by the
/// half dozen, and by twelve.
struct Tiles: Sendable, Hashable {
    let total: Int
    let count: Int

    private var dozens: Int { (total + 11) / 12 }

    /// Of the largest tile.
    var size: Int { (dozens + count - 1) / count * 12 }

    subscript(tile: Int) -> Range<Int> {
        let (first, end) = (tile * dozens / count * 12, (tile + 1) * dozens / count * 12)
        return first..<min(end, total)
    }

    /// About `target` rows each.
    init(_ total: Int, target: Int, atLeast least: Int = 1) {
        self.total = total
        count = min(max(1, (total + target / 2) / target, least), (total + 11) / 12)
    }

    /// Tiles for what treats rows one by one: they use the weights that pass through the cache for many
    /// rows, leave their own numbers there, and no worker idle.
    static func ofRows(_ rows: Int, workers: Int) -> Tiles {
        let few = Tiles(rows, target: 192)
        let rounds = (few.count + workers - 1) / workers
        return Tiles(rows, target: 192, atLeast: rounds * workers)
    }
}
