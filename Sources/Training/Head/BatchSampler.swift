import Statistics

/// The sampler of training batches: for each batch proxy, generated, proxy, generated…, then
/// failures, then degraded copies.
///
/// Each kind is sampled without replacement. Its indices are shuffled before the first draw and
/// whenever they are used up, so the smaller class repeats more often. The shuffle starts from the
/// previous order; all kinds share one generator.
package struct BatchSampler: Sendable, Codable {
    private var proxies: Deck
    private var generated: Deck
    private var failures: Deck
    private var degraded: Deck
    private let perBatch: PerBatch
    private var generator: RandomGenerator

    /// - Parameters:
    ///   - proxies: Indices of the class, at least one, in input order; likewise `generated`.
    ///   - failures: May be empty if `perBatch.failures` is 0; likewise `degraded`.
    ///   - perBatch: Examples per batch: of both classes together, even; failures; degraded copies.
    package init(
        proxies: [Int], generated: [Int], failures: [Int] = [], degraded: [Int] = [],
        perBatch: (classes: Int, failures: Int, degraded: Int), seed: UInt64
    ) {
        precondition(!proxies.isEmpty && !generated.isEmpty)
        precondition(!failures.isEmpty || perBatch.failures == 0)
        precondition(!degraded.isEmpty || perBatch.degraded == 0)
        self.proxies = Deck(cards: proxies)
        self.generated = Deck(cards: generated)
        self.failures = Deck(cards: failures)
        self.degraded = Deck(cards: degraded)
        self.perBatch = PerBatch(
            classes: perBatch.classes, failures: perBatch.failures, degraded: perBatch.degraded)
        generator = RandomGenerator(seed: seed, stream: .order)
    }

    /// Fills `indices` with whole batches.
    ///
    /// - Precondition: The count is a multiple of the batch size.
    package mutating func draw(into indices: inout [Int]) {
        let size = perBatch.classes + perBatch.failures + perBatch.degraded
        precondition(indices.count.isMultiple(of: size))
        for start in stride(from: 0, to: indices.count, by: size) {
            for i in stride(from: start, to: start + perBatch.classes, by: 2) {
                indices[i] = proxies.draw(&generator)
                indices[i + 1] = generated.draw(&generator)
            }
            let extra = start + perBatch.classes
            for i in extra..<extra + perBatch.failures { indices[i] = failures.draw(&generator) }
            for i in extra + perBatch.failures..<start + size {
                indices[i] = degraded.draw(&generator)
            }
        }
    }

    /// Whether the other sampler draws from the same indices and this one's state is valid. Check a
    /// sampler that was read from a file.
    func draws(like other: BatchSampler) -> Bool {
        perBatch == other.perBatch && proxies.hasSameCards(as: other.proxies)
            && generated.hasSameCards(as: other.generated)
            && failures.hasSameCards(as: other.failures)
            && degraded.hasSameCards(as: other.degraded)
    }

    /// The names in checkpoints.
    private enum CodingKeys: String, CodingKey {
        case proxies, generated, failures, perBatch, generator
        case degraded = "perturbed"
    }

    private struct PerBatch: Codable, Equatable {
        let classes: Int
        let failures: Int
        let degraded: Int

        private enum CodingKeys: String, CodingKey {
            case classes, failures
            case degraded = "perturbed"
        }
    }

    /// The shuffled indices of one kind, drawn like a deck of cards.
    private struct Deck: Codable {
        private var cards: [Int]
        private var position: Int

        init(cards: [Int]) {
            self.cards = cards
            position = cards.count
        }

        func hasSameCards(as other: Deck) -> Bool {
            (0...cards.count).contains(position) && cards.sorted() == other.cards.sorted()
        }

        mutating func draw(_ generator: inout RandomGenerator) -> Int {
            if position == cards.count {
                generator.shuffle(&cards)
                position = 0
            }
            defer { position += 1 }
            return cards[position]
        }
    }
}
