/// Rows divided into tiles of nearly equal size. All tiles but the last are multiples of 12 rows,
/// because kernels process rows in blocks of 6 and 12.
struct Tiles: Sendable, Hashable {
    let total: Int
    let count: Int

    private var dozens: Int { (total + 11) / 12 }

    /// Rows of the largest tile.
    var size: Int { (dozens + count - 1) / count * 12 }

    subscript(tile: Int) -> Range<Int> {
        let (first, end) = (tile * dozens / count * 12, (tile + 1) * dozens / count * 12)
        return first..<min(end, total)
    }

    /// Divides `total` rows into tiles of about `target` rows.
    init(_ total: Int, target: Int, atLeast least: Int = 1) {
        self.total = total
        count = min(max(1, (total + target / 2) / target, least), (total + 11) / 12)
    }

    /// Tiles for row-wise layers: large enough to reuse weights while they are in the cache, small
    /// enough for their activations to stay there, and a multiple of the worker count, so that no
    /// worker idles.
    static func ofRows(_ rows: Int, workers: Int, target: Int = rowTarget) -> Tiles {
        let few = Tiles(rows, target: target)
        let rounds = (few.count + workers - 1) / workers
        return Tiles(rows, target: target, atLeast: rounds * workers)
    }

    static let rowTarget = 192
}
