/// Sequences of tokens, one after another: the rows of a forward pass.
struct Sequences: Sendable {
    /// The first row of each sequence, and the number of all rows.
    private let starts: [Int]

    /// - Parameter lengths: Tokens of each sequence, at least 1.
    init(lengths: [Int]) {
        starts = lengths.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1) }
    }

    var count: Int { starts.count - 1 }
    var rowCount: Int { starts[count] }

    /// The rows of a sequence.
    subscript(index: Int) -> Range<Int> { starts[index]..<starts[index + 1] }

    /// The longest sequence.
    var longest: Int { (0..<count).map { self[$0].count }.max() ?? 0 }

    /// The sequence that has a row.
    func index(ofRow row: Int) -> Int {
        var (low, high) = (0, count)
        while high - low > 1 {
            let middle = (low + high) / 2
            if starts[middle] <= row { low = middle } else { high = middle }
        }
        return low
    }

    /// The sequences that some rows belong to.
    func indices(ofRows rows: Range<Int>) -> Range<Int> {
        index(ofRow: rows.lowerBound)..<index(ofRow: rows.upperBound - 1) + 1
    }
}
