/// Rows cut into pieces of equal size, the last one smaller; the units that workers take.
struct Tiles: Sendable, Hashable {
    let total: Int
    let size: Int

    var count: Int { (total + size - 1) / size }

    subscript(tile: Int) -> Range<Int> {
        tile * size..<min((tile + 1) * size, total)
    }

    /// About `target` rows each, in dozens: kernels take rows by the half dozen, and by twelve.
    init(_ total: Int, target: Int, atLeast least: Int = 1) {
        self.total = total
        let count = max(1, (total + target / 2) / target, least)
        size = ((total + count - 1) / count + 11) / 12 * 12
    }

    /// Tiles for what treats rows one by one: they use the weights that pass through the cache for many
    /// rows, leave their own numbers there, and no worker idle.
    static func ofRows(_ rows: Int, workers: Int) -> Tiles {
        let few = Tiles(rows, target: 192)
        let rounds = (few.count + workers - 1) / workers
        return Tiles(rows, target: 192, atLeast: rounds * workers)
    }
}
