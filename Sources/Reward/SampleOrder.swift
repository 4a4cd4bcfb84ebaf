/// The order in which examples are drawn: proxy, generated, proxy, generated…
///
/// Each class is a deck. A deck is shuffled before its first draw and whenever it is used up, so the
/// smaller class comes round more often and none of its examples twice before all came once. The
/// shuffle rearranges the deck as it lies; both decks share one generator.
package struct SampleOrder: Sendable {
    private var proxies: Deck
    private var generated: Deck
    private var generator: RandomGenerator

    /// - Parameters: indices of each class, at least one, in input order.
    package init(proxies: [Int], generated: [Int], seed: UInt64) {
        self.proxies = Deck(cards: proxies)
        self.generated = Deck(cards: generated)
        generator = RandomGenerator(seed: seed, stream: .order)
    }

    /// Fills `indices`, an even number of them.
    package mutating func draw(into indices: inout [Int]) {
        for i in stride(from: 0, to: indices.count - 1, by: 2) {
            indices[i] = proxies.draw(&generator)
            indices[i + 1] = generated.draw(&generator)
        }
    }

    private struct Deck {
        private var cards: [Int]
        private var position: Int

        init(cards: [Int]) {
            precondition(!cards.isEmpty)
            self.cards = cards
            position = cards.count
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
