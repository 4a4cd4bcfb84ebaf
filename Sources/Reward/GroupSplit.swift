/// Training and validation examples, no group on both sides.
struct GroupSplit: Sendable {
    /// Indices in input order.
    private(set) var training: [Int] = []
    private(set) var validation: [Int] = []

    /// Goes through the groups in a seeded order and holds one out whenever that brings the two
    /// classes nearer to `share` of their examples.
    init(_ examples: [Example], share: Double, seed: UInt64) {
        var groups = indicesByGroup(examples.map(\.group))
        var generator = RandomGenerator(seed: seed, stream: .split)
        generator.shuffle(&groups)

        // Perturbed examples go where their group goes and do not count.
        func counts(_ indices: some Sequence<Int>) -> (proxies: Double, generated: Double) {
            let originals = indices.filter { !examples[$0].isPerturbed }
            let proxies = originals.count { examples[$0].isProxy }
            return (Double(proxies), Double(originals.count - proxies))
        }
        let all = counts(examples.indices)
        var lacking = (proxies: share * all.proxies, generated: share * all.generated)
        for group in groups {
            let (proxies, generated) = counts(group)
            let before = abs(lacking.proxies) + abs(lacking.generated)
            let after = abs(lacking.proxies - proxies) + abs(lacking.generated - generated)
            if after < before {
                validation += group
                lacking.proxies -= proxies
                lacking.generated -= generated
            } else {
                training += group
            }
        }
        training.sort()
        validation.sort()
    }
}
