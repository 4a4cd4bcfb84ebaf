import Reward
import Statistics
import Testing

@Suite struct GroupBootstrapTests {
    @Test(arguments: 0..<3)
    func `intervals match NumPy and scikit-learn on the same resamples`(index: Int) throws {
        let golden = try EvaluationGolden.load().intervals[index]
        let bootstrap = GroupBootstrap(
            groups: golden.groups, resamples: golden.resamples, seed: golden.seed)
        var leftOut = 0
        let intervals = bootstrap.intervals(count: 2) { indices in
            let evaluation = Evaluation(
                logits: indices.map { golden.logits[$0] },
                labels: indices.map { golden.labels[$0] })
            leftOut += evaluation.auc == nil ? 1 : 0
            return [evaluation.auc, evaluation.loss]
        }
        #expect(leftOut == golden.aucLeftOut)
        for (interval, expected) in zip(intervals, [golden.auc, golden.loss]) {
            let interval = try #require(interval)
            #expect(abs(interval.low - expected[0]) <= 1e-12)
            #expect(abs(interval.high - expected[1]) <= 1e-12)
        }
    }

    @Test func `the interval of a mean matches SciPy`() throws {
        let golden = try EvaluationGolden.load().mean
        let bootstrap = GroupBootstrap(
            groups: golden.values.map { _ in nil }, resamples: 20_000, seed: 3)
        let interval = try #require(
            bootstrap.interval { indices in
                indices.map { golden.values[$0] }.reduce(0, +) / Double(indices.count)
            })
        #expect(abs(interval.low - golden.scipy[0]) <= 0.01)
        #expect(abs(interval.high - golden.scipy[1]) <= 0.01)
    }

    @Test func `resampling draws whole groups`() {
        let groups = ["a", "b", "a", "c", "b", nil, "a"]
        let bootstrap = GroupBootstrap(groups: groups, resamples: 50)
        _ = bootstrap.interval { indices in
            for name in ["a", "b", "c"] {
                let members = groups.indices.filter { groups[$0] == name }
                let counts = members.map { member in indices.count { $0 == member } }
                #expect(Set(counts).count == 1, "\(name) is torn: \(indices)")
            }
            return nil
        }
    }

    @Test func `a single group or a constant statistic has no interval`() {
        let statistic: ([Int]) -> Double? = { Double($0.count) }
        #expect(GroupBootstrap(groups: ["a", "a", "a"]).interval(of: statistic) == nil)
        #expect(GroupBootstrap(groups: []).interval(of: statistic) == nil)
        #expect(GroupBootstrap(groups: ["a", "b"]).interval(of: statistic) == nil)
        #expect(GroupBootstrap(groups: ["a", "b", "b"]).interval(of: statistic) != nil)
    }

    @Test func `a statistic that most resamples lack has no interval`() {
        let bootstrap = GroupBootstrap(groups: [nil, nil, nil], resamples: 300, seed: 1)
        // All three are drawn in 3!/3³ = 22 % of the resamples.
        #expect(bootstrap.interval { Set($0).count == 3 ? 1 : nil } == nil)
        #expect(bootstrap.interval { Set($0).count < 3 ? Double($0[0]) : nil } != nil)
    }
}
