/// Three-class accuracy (first better, tie, second better) of real-valued scores.
///
/// Two scores tie if they differ by at most ε; ε is fitted to the highest accuracy on the same
/// pairs. Pairs with equal score differences become ties together; VideoAlign's implementation
/// takes them one by one, so its result depends on their order.
///
/// Source: Deutsch, Foster and Freitag, Ties Matter, arXiv 2305.14324, algorithm 1; VideoAlign
/// `calc_accuracy.py`, `calc_accuracy_with_ties`.
struct TieCalibration: Sendable {
    private let pairs: [ScoredPair]
    /// Indices of the pairs, by ascending absolute score difference.
    private let order: [Int]

    init(_ pairs: [ScoredPair]) {
        self.pairs = pairs
        order = pairs.indices.sorted { abs(pairs[$0].difference) < abs(pairs[$1].difference) }
    }

    /// The highest accuracy and its ε; nil without pairs.
    ///
    /// - Parameter indices: Indices of the pairs, which may repeat.
    /// - Complexity: O(n) in the number of all pairs.
    func best(of indices: [Int]) -> (accuracy: Double, threshold: Double)? {
        var counts = Array(repeating: 0, count: pairs.count)
        for index in indices { counts[index] += 1 }
        // Start below the smallest difference, where no pair is a tie.
        var correct = indices.count { pairs[$0].isConcordant }
        var best: (correct: Int, threshold: Double)?
        var start = 0
        while start < order.count {
            let threshold = abs(pairs[order[start]].difference)
            var end = start
            var newTies = 0
            // The first pair is always taken: a difference that is not a number equals none.
            repeat {
                let (pair, count) = (pairs[order[end]], counts[order[end]])
                if pair.preference == .tie {
                    correct += count
                } else if pair.isConcordant {
                    correct -= count
                }
                newTies += count
                end += 1
            } while end < order.count && abs(pairs[order[end]].difference) == threshold
            if newTies > 0, correct > best?.correct ?? -1 { best = (correct, threshold) }
            start = end
        }
        return best.map { (Double($0.correct) / Double(indices.count), $0.threshold) }
    }
}
