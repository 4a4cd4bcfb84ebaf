import Testing
import TextFormats

@Suite struct NameSuggestionsTests {
    /// Distances as computed by Python's `jellyfish.damerau_levenshtein_distance`.
    @Test(arguments: [
        ("kitten", "sitting", 3), ("rnak", "rank", 1), ("score", "score", 0), ("", "abc", 3),
        ("SCORE", "score", 0), ("videopdo", "videodpo", 1), ("report", "raport", 1),
    ])
    func `the edit distance counts a swap of adjacent letters once`(
        first: String, second: String, distance: Int
    ) {
        #expect(NameSuggestions.editDistance(first, second) == distance)
        #expect(NameSuggestions.editDistance(second, first) == distance)
    }

    static let commands = [
        "score", "segments", "rank", "select", "pairs", "report", "eval", "head",
    ]

    @Test(arguments: [
        ("socre", ["score"]), ("ranks", ["rank"]), ("evaluate", ["eval"]), ("reprot", ["report"]),
        ("zzz", []), ("", []),
    ])
    func `a misspelt or longer name suggests the known one`(name: String, expected: [String]) {
        #expect(NameSuggestions.names(like: name, among: Self.commands) == expected)
    }

    @Test func `a suggestion is a question`() {
        #expect(
            NameSuggestions.question(for: "socre", among: Self.commands) == "did you mean 'score'?")
        #expect(NameSuggestions.question(for: "zzz", among: Self.commands) == nil)
        #expect(
            NameSuggestions.question(for: "bax", among: ["bar", "baz", "bat"])
                == "did you mean 'bar', 'baz' or 'bat'?")
    }
}
