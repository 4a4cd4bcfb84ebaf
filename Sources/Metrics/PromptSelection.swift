import Statistics

/// The metrics of a prompt's candidates and of the best and worst k of them.
struct PromptSelection {
    /// For each metric: the mean of all candidates, Spearman's ρ and Kendall's τ-b of logit and metric, NaN if either is
    /// constant; then for each k the means of the best k and of the worst k, and the former minus that of all.
    private(set) var values: [Double] = []

    /// Number of values of a metric.
    static func valueCount(_ ks: [Int]) -> Int { 3 + 3 * ks.count }

    /// - Parameter ks: Ascending, at most the number of candidates.
    init(_ prompt: RankedMetrics.Prompt, metricCount: Int, ks: [Int]) {
        let candidates = prompt.candidates
        let logits = candidates.map(\.logit)
        for metric in 0..<metricCount {
            let metrics = candidates.map { $0.values[metric] }
            let all = metrics.mean
            let correlation = RankCorrelation(logits, metrics)
            values += [all, correlation?.spearman ?? .nan, correlation?.kendall ?? .nan]
            // Of deviations: those of a constant reward, and of k that is all candidates, are exactly 0.
            let deviations = Self.sharingTies(metrics, of: candidates).map { $0 - all }
            let best = Self.means(of: deviations, first: ks)
            let worst = Self.means(of: deviations.reversed(), first: ks)
            for (best, worst) in zip(best, worst) { values += [all + best, all + worst, best] }
        }
    }

    /// The metrics, with the mean of those of equal rank for each of them.
    private static func sharingTies(
        _ metrics: [Double], of candidates: [RankedMetrics.Candidate]
    ) -> [Double] {
        var shared = metrics
        var start = 0
        while start < candidates.count {
            let end =
                candidates[start...].firstIndex {
                    $0.logit != candidates[start].logit
                        || $0.isExcluded != candidates[start].isExcluded
                } ?? candidates.count
            let mean = Array(metrics[start..<end]).mean
            for index in start..<end { shared[index] = mean }
            start = end
        }
        return shared
    }

    /// The means of the first k deviations from the mean of all.
    private static func means(of deviations: some Collection<Double>, first ks: [Int]) -> [Double] {
        var means: [Double] = []
        var (sum, count) = (0.0, 0)
        for deviation in deviations {
            sum += deviation
            count += 1
            while means.count < ks.count, ks[means.count] == count {
                means.append(count == deviations.count ? 0 : sum / Double(count))
            }
        }
        return means
    }
}
