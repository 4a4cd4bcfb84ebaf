import GANRM
import TestSupport
import Testing

@Suite struct EvidenceTests {
    private let folder: TemporaryFolder
    private var evidence = Evidence()

    init() throws { folder = try TemporaryFolder() }

    @Test mutating func `a table of ratings is read as RFC 4180 says`() throws {
        let path = try folder.write(
            "\u{feff}prompt,path,rating\r\n"
                + "\"a \"\"cat\"\", sitting\",one.mp4,4.5\r\n"
                + "\"two\r\nlines\",\"two, 2.mp4\",\"-1e1\"\r\n"
                + ",three.mp4,0\n\n", to: "ratings.csv")
        try evidence.addRatings(path)
        #expect(evidence.failures.isEmpty)
        #expect(evidence.ratings.map(\.input) == ["one.mp4", "two, 2.mp4", "three.mp4"])
        #expect(evidence.ratings.map(\.rating) == [4.5, -10, 0])
        #expect(evidence.ratings.map(\.prompt) == ["a \"cat\", sitting", "two\r\nlines", nil])
    }

    @Test(arguments: [
        ("", ":1: no header; it names the columns"),
        ("path,stars\na,1\n", ":1: the header names no columns \"input\" and \"rating\""),
        ("path,path,rating\n", ":1: two columns have one name"),
        (
            "path,rating\na,b,1\n",
            ":2: 3 fields, the header has 2; quote fields that hold commas"
        ),
        ("path,rating\n\"a\nb\",1\n\"c,1\n", ":4: a quoted field without end"),
        ("path,rating\n\"a\"b,1\n", ":2: text after a closing quote"),
        ("path,rating\na\"b,1\n", ":2: a quote inside a field that is not quoted"),
    ])
    func `a table that is none is refused with its line`(text: String, problem: String) throws {
        let path = try folder.write(text, to: "ratings.csv")
        var evidence = Evidence()
        #expect(throws: GANRMError.evidence(path + problem)) { try evidence.addRatings(path) }
    }

    @Test mutating func `a line that says nothing is a failure, and the others count`() throws {
        let pairs = try folder.write(
            """
            {"winner": "a", "loser": "b", "group": 7}
            nonsense

            {"winner": "a"}
            {"winner": "b", "loser": "c"}

            """, to: "pairs.jsonl")
        try evidence.addPairs(pairs)
        #expect(evidence.pairs.map(\.group) == ["7", nil])
        #expect(evidence.failures.map(\.input) == ["\(pairs):2", "\(pairs):4"])
        #expect(evidence.inputs == ["a", "b", "c"])
        let ratings = try folder.write(
            """
            {"input": "a", "rating": "many"}
            {"path": "a", "rating": 1, "prompt": "p"}
            {"rating": 1}

            """, to: "ratings.jsonl")
        try evidence.addRatings(ratings)
        #expect(evidence.ratings.map(\.prompt) == ["p"])
        #expect(evidence.failures.count == 4)
    }

    @Test mutating func `a side is a list with labels and groups`() throws {
        let list = try folder.write(
            """
            {"path": "a.mp4", "group": "g"}
            b.mp4
            {"path": "a.mp4", "group": "g"}
            {"path": "c.mp4", "label": 0.25}
            {"path": "d.mp4", "perturbed": true}
            {"path": "e.mp4", "label": 2}

            """, to: "side.jsonl")
        try evidence.addSide([list], label: 1)
        #expect(evidence.labelled.map(\.input) == ["a.mp4", "b.mp4", "c.mp4"])
        #expect(evidence.labelled.map(\.label) == [1, 1, 0.25])
        #expect(evidence.labelled.map(\.group) == ["g", nil, nil])
        #expect(evidence.perturbedCount == 1)
        #expect(evidence.failures.map(\.input) == ["e.mp4"])
    }

    @Test mutating func `an input has one label`() throws {
        let list = try folder.write("a.mp4\n", to: "side.txt")
        try evidence.addSide([list], label: 1)
        #expect(throws: GANRMError.self) { try evidence.addSide([list], label: 0) }
    }

    @Test(arguments: [
        (#"{"winner": "a", "loser": "b"}"#, "not a line of results"),
        (#"{"input": "a", "logit": null}"#, "no logit"),
        ("{\"input\": \"a\", \"logit\": 1}\n{\"input\": \"a\", \"logit\": 2}", "comes twice"),
        (
            """
            {"input": "a", "logit": 1, "model": {"name": "x", "fingerprint": "1"}}
            {"input": "b", "logit": 1, "model": {"name": "x", "fingerprint": "2"}}
            """, "made by x 2"
        ),
        ("nonsense", "not a line of results"),
    ])
    func `rows that do not belong together are refused`(text: String, problem: String) throws {
        let path = try folder.write(text + "\n", to: "rows.jsonl")
        var evidence = Evidence()
        let error = #expect(throws: GANRMError.self) { _ = try evidence.addRows(path) }
        #expect("\(try #require(error))".contains(problem))
    }
}
