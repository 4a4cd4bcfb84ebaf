/// The order in which examples are drawn: for each batch proxy, generated, proxy, generated…, then
/// failures, then perturbed ones.
///
/// Each kind is a deck. A deck is shuffled before its first draw and whenever it is used up, so the
/// smaller class comes round more often and none of its examples twice before all came once. The
/// shuffle rearranges the deck as it lies; all decks share one generator.
package struct SampleOrder: Sendable, Codable {
    private var proxies: Deck
    private var generated: Deck
    private var failures: Deck
    private var perturbed: Deck
    private let perBatch: PerBatch
    private var generator: RandomGenerator

    /// - Parameters:
    ///   - proxies: Indices of the class, at least one, in input order; likewise `generated`.
    ///   - failures: May be empty if `perBatch.failures` is 0; likewise `perturbed`.
    ///   - perBatch: How many of the two classes together, an even number, of failures and of perturbed ones.
    package init(
        proxies: [Int], generated: [Int], failures: [Int] = [], perturbed: [Int] = [],
        perBatch: (classes: Int, failures: Int, perturbed: Int), seed: UInt64
    ) {
        precondition(!proxies.isEmpty && !generated.isEmpty)
        precondition(!failures.isEmpty || perBatch.failures == 0)
        precondition(!perturbed.isEmpty || perBatch.perturbed == 0)
        self.proxies = Deck(cards: proxies)
        self.generated = Deck(cards: generated)
        self.failures = Deck(cards: failures)
        self.perturbed = Deck(cards: perturbed)
        self.perBatch = PerBatch(
            classes: perBatch.classes, failures: perBatch.failures, perturbed: perBatch.perturbed)
        generator = RandomGenerator(seed: seed, stream: .order)
    }

    /// Fills `indices`, whole batches of them.
    package mutating func draw(into indices: inout [Int]) {
        let size = perBatch.classes + perBatch.failures + perBatch.perturbed
        precondition(indices.count.isMultiple(of: size))
        for start in stride(from: 0, to: indices.count, by: size) {
            for i in stride(from: start, to: start + perBatch.classes, by: 2) {
                indices[i] = proxies.draw(&generator)
                indices[i + 1] = generated.draw(&generator)
            }
            let others = start + perBatch.classes
            for i in others..<others + perBatch.failures { indices[i] = failures.draw(&generator) }
            for i in others + perBatch.failures..<start + size {
                indices[i] = perturbed.draw(&generator)
            }
        }
    }

    /// Whether the other order draws from the same decks; to be asked of one from a file.
    func draws(like other: SampleOrder) -> Bool {
        perBatch == other.perBatch && proxies.holds(as: other.proxies)
            && generated.holds(as: other.generated) && failures.holds(as: other.failures)
            && perturbed.holds(as: other.perturbed)
    }

    private struct PerBatch: Codable, Equatable {
        let classes: Int
        let failures: Int
        let perturbed: Int
    }

    private struct Deck: Codable {
        private var cards: [Int]
        private var position: Int

        init(cards: [Int]) {
            self.cards = cards
            position = cards.count
        }

        func holds(as other: Deck) -> Bool {
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
