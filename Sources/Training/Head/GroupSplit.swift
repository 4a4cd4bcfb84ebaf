package import Reward
import Statistics

/// A split into training and validation examples with no group on both sides.
package struct GroupSplit: Sendable {
    /// Indices in input order.
    package private(set) var training: [Int] = []
    package private(set) var validation: [Int] = []

    /// Visits the groups in a seeded order and holds one out whenever that brings the held-out
    /// counts of the two classes nearer to the fraction `share` of their examples.
    init(_ examples: [Example], share: Double, seed: UInt64) {
        var groups = indicesByGroup(examples.map(\.group))
        var generator = RandomGenerator(seed: seed, stream: .split)
        generator.shuffle(&groups)

        let all = ClassCounts(examples, examples.indices)
        var lacking = (proxies: share * all.proxies, generated: share * all.generated)
        for group in groups {
            let counts = ClassCounts(examples, group)
            let before = abs(lacking.proxies) + abs(lacking.generated)
            let after =
                abs(lacking.proxies - counts.proxies)
                + abs(lacking.generated - counts.generated)
            if after < before {
                validation += group
                lacking.proxies -= counts.proxies
                lacking.generated -= counts.generated
            } else {
                training += group
            }
        }
        training.sort()
        validation.sort()
    }

    private init(training: [Int], validation: [Int]) {
        self.training = training
        self.validation = validation
    }

    /// Splits for the cross-validation of a statistic: as `folds`, but by example if there are fewer
    /// groups than folds, since a fold of all groups would leave no training examples.
    package static func foldsByExampleIfNeeded(
        _ examples: [Example], count: Int, seed: UInt64
    ) -> [GroupSplit] {
        var examples = examples
        if indicesByGroup(examples.map(\.group)).count < count {
            for index in examples.indices { examples[index].group = nil }
        }
        return folds(examples, count: count, seed: seed)
    }

    /// Splits for cross-validation, which hold out every example once.
    ///
    /// Groups are assigned in a seeded order, the large ones first, each to the fold with the
    /// fewest examples of the group's classes.
    package static func folds(_ examples: [Example], count: Int, seed: UInt64) -> [GroupSplit] {
        var groups = indicesByGroup(examples.map(\.group))
        var generator = RandomGenerator(seed: seed, stream: .split)
        generator.shuffle(&groups)
        let total = ClassCounts(examples, examples.indices)
        let sizes = groups.map { ClassCounts(examples, $0).share(of: total) }
        let order = groups.indices.sorted { (-sizes[$0].sum, $0) < (-sizes[$1].sum, $1) }
        var filled = Array(repeating: ClassCounts(), count: count)
        var members = Array(repeating: [Int](), count: count)
        for group in order {
            let added = sizes[group]
            guard
                let fold = filled.indices.min(by: {
                    filled[$0].overlap(added) < filled[$1].overlap(added)
                })
            else { preconditionFailure("there is at least one fold") }
            filled[fold] += added
            members[fold] += groups[group]
        }
        return members.map { heldOut in
            let heldOut = Set(heldOut)
            return GroupSplit(
                training: examples.indices.filter { !heldOut.contains($0) },
                validation: heldOut.sorted())
        }
    }
}

/// Number of examples per class; degraded copies stay with their group and are not counted.
private struct ClassCounts {
    private(set) var proxies = 0.0
    private(set) var generated = 0.0

    init() {}

    init(_ examples: [Example], _ indices: some Sequence<Int>) {
        let originals = indices.filter { !examples[$0].isDegraded }
        proxies = Double(originals.count { examples[$0].isProxy })
        generated = Double(originals.count) - proxies
    }

    var sum: Double { proxies + generated }

    func share(of total: ClassCounts) -> ClassCounts {
        var share = self
        share.proxies /= max(total.proxies, 1)
        share.generated /= max(total.generated, 1)
        return share
    }

    /// Dot product of both counts: how many examples of the added classes there already are.
    func overlap(_ added: ClassCounts) -> Double {
        proxies * added.proxies + generated * added.generated
    }

    static func += (a: inout ClassCounts, b: ClassCounts) {
        a.proxies += b.proxies
        a.generated += b.generated
    }
}
