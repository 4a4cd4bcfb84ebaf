/// Three-class accuracy (first better, tie, second better) of scores that are real numbers.
///
/// Two scores tie if they are at most ε apart, and ε is the one that gives the highest accuracy on these
/// very pairs. Pairs whose scores are equally far apart tie together; VideoAlign's implementation goes
/// through them one by one, so that its result depends on their order.
///
/// Source: Deutsch, Foster and Freitag, Ties Matter, arXiv 2305.14324, algorithm 1; VideoAlign
/// `calc_accuracy.py`, `calc_accuracy_with_ties`.
struct TieCalibration: Sendable {
    private let pairs: [ScoredPair]
    /// Indices of the pairs, by the distance of their scores.
    private let order: [Int]

    init(_ pairs: [ScoredPair]) {
        self.pairs = pairs
        order = pairs.indices.sorted { abs(pairs[$0].difference) < abs(pairs[$1].difference) }
    }

    /// The highest accuracy and the ε that gives it; nil without pairs.
    ///
    /// O(n) in the number of all pairs.
    ///
    /// - Parameter indices: Pairs to take, some of them several times.
    func best(of indices: [Int]) -> (accuracy: Double, threshold: Double)? {
        var counts = Array(repeating: 0, count: pairs.count)
        for index in indices { counts[index] += 1 }
        // No pair ties yet.
        var correct = indices.count { pairs[$0].isConcordant }
        var best: (correct: Int, threshold: Double)?
        var start = 0
        while start < order.count {
            let threshold = abs(pairs[order[start]].difference)
            var end = start
            var taken = 0
            while end < order.count, abs(pairs[order[end]].difference) == threshold {
                let (pair, count) = (pairs[order[end]], counts[order[end]])
                if pair.preference == .tie {
                    correct += count
                } else if pair.isConcordant {
                    correct -= count
                }
                taken += count
                end += 1
            }
            if taken > 0, correct > best?.correct ?? -1 { best = (correct, threshold) }
            start = end
        }
        return best.map { (Double($0.correct) / Double(indices.count), $0.threshold) }
    }
}
