/// Suggestions for a name that is not known: "did you mean …?".
package enum NameSuggestions {
    /// Up to three known names that `name` may be a misspelling or an abbreviation of, best first.
    ///
    /// Names within an edit distance of a third of the length come first. Without such a name, those
    /// with the largest Dice coefficient of letter pairs are returned, so that `viclip-b16` suggests
    /// `viclip-base-patch16`.
    package static func names(like name: String, among known: some Sequence<String>) -> [String] {
        let limit = max(1, name.count / 3)
        let misspelt = known.map { (name: $0, distance: editDistance(name, $0)) }
            .filter { $0.distance <= limit }
            .sorted { $0.distance < $1.distance }
        if let best = misspelt.first {
            return misspelt.filter { $0.distance == best.distance }.prefix(3).map(\.name)
        }
        return known.map { (name: $0, similarity: diceCoefficient(name, $0)) }
            .filter { $0.similarity > 0.3 }
            .sorted { $0.similarity > $1.similarity }
            .prefix(3).map(\.name)
    }

    /// The suggestions as a question; nil without any.
    package static func question(for name: String, among known: some Sequence<String>) -> String? {
        let names = names(like: name, among: known).map { "'\($0)'" }
        guard let last = names.last else { return nil }
        let others = names.dropLast().joined(separator: ", ")
        return "did you mean \(others.isEmpty ? last : "\(others) or \(last)")?"
    }

    /// Insertions, deletions and substitutions of a letter, and swaps of adjacent letters, between
    /// two words, without regard to case (optimal string alignment).
    package static func editDistance(_ first: String, _ second: String) -> Int {
        let (a, b) = (Array(first.lowercased()), Array(second.lowercased()))
        var rows = [Array(0...b.count)]
        for i in a.indices {
            var row = [i + 1]
            for j in b.indices {
                let substitution = rows[i][j] + (a[i] == b[j] ? 0 : 1)
                var cost = min(substitution, rows[i][j + 1] + 1, row[j] + 1)
                if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] {
                    cost = min(cost, rows[i - 1][j - 1] + 1)
                }
                row.append(cost)
            }
            rows.append(row)
        }
        return rows[a.count][b.count]
    }

    /// Twice the number of shared letter pairs, divided by the number of pairs of both, in 0…1.
    private static func diceCoefficient(_ first: String, _ second: String) -> Double {
        func pairs(_ text: String) -> Set<String> {
            let letters = Array(text.lowercased())
            return Set(zip(letters, letters.dropFirst()).map { String([$0, $1]) })
        }
        let (a, b) = (pairs(first), pairs(second))
        guard !a.isEmpty || !b.isEmpty else { return 0 }
        return 2 * Double(a.intersection(b).count) / Double(a.count + b.count)
    }
}
