import Evaluation
import Pipeline
import Testing
import TestSupport

@Suite struct GroundTruthTests {
    private let folder: TemporaryFolder
    private var groundTruth = GroundTruth()

    init() throws { folder = try TemporaryFolder() }

    @Test mutating func `ratings are read from CSV as in RFC 4180`() throws {
        let path = try folder.write(
            "\u{feff}prompt,path,rating\r\n"
                + "\"a \"\"cat\"\", sitting\",one.mp4,4.5\r\n"
                + "\"two\r\nlines\",\"two, 2.mp4\",\"-1e1\"\r\n"
                + ",three.mp4,0\n\n", to: "ratings.csv")
        try groundTruth.addRatings(path)
        #expect(groundTruth.failures.isEmpty)
        #expect(groundTruth.ratings.map(\.input) == ["one.mp4", "two, 2.mp4", "three.mp4"])
        #expect(groundTruth.ratings.map(\.rating) == [4.5, -10, 0])
        #expect(groundTruth.ratings.map(\.prompt) == ["a \"cat\", sitting", "two\r\nlines", nil])
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
    func `an invalid CSV file is refused with its line`(text: String, problem: String) throws {
        let path = try folder.write(text, to: "ratings.csv")
        var groundTruth = GroundTruth()
        #expect(throws: EvaluationError.groundTruth(path + problem)) {
            try groundTruth.addRatings(path)
        }
    }

    @Test mutating func `a line that is not UTF-8 is a failure, and the others are read`() throws {
        let pairs = try folder.write(
            Array("{\"winner\":\"".utf8) + [0xe9] + Array("\",\"loser\":\"b\"}\n".utf8)
                + Array("{\"winner\":\"\u{e9}\",\"loser\":\"e\u{301}\"}\n".utf8), to: "pairs.jsonl")
        try groundTruth.addPairs(pairs)
        let ratings = try folder.write(
            Array("input,rating\n".utf8) + [0xe9] + Array(",1\nc,2\n".utf8), to: "ratings.csv")
        try groundTruth.addRatings(ratings)
        #expect(
            groundTruth.failures.map(\.reason) == [
                "\(pairs):1: the line is not UTF-8", "\(ratings):2: the line is not UTF-8",
            ])
        #expect(groundTruth.inputs.count == 3)
    }

    @Test mutating func `an invalid line is a failure, and the others are read`() throws {
        let pairs = try folder.write(
            """
            {"winner": "a", "loser": "b", "group": 7}
            nonsense

            {"winner": "a"}
            {"winner": "b", "loser": "c"}

            """, to: "pairs.jsonl")
        try groundTruth.addPairs(pairs)
        #expect(groundTruth.pairs.map(\.group) == ["7", nil])
        #expect(groundTruth.failures.map(\.input) == ["\(pairs):2", "\(pairs):4"])
        #expect(groundTruth.inputs == ["a", "b", "c"])
        let ratings = try folder.write(
            """
            {"input": "a", "rating": "many"}
            {"path": "a", "rating": 1, "prompt": "p"}
            {"rating": 1}

            """, to: "ratings.jsonl")
        try groundTruth.addRatings(ratings)
        #expect(groundTruth.ratings.map(\.prompt) == ["p"])
        #expect(groundTruth.failures.count == 4)
    }

    @Test mutating func `a list of inputs has labels and groups`() throws {
        let list = try folder.write(
            """
            {"path": "a.mp4", "group": "g"}
            b.mp4
            {"path": "a.mp4", "group": "g"}
            {"path": "c.mp4", "label": 0.25}
            {"path": "d.mp4", "perturbed": true}
            {"path": "e.mp4", "label": 2}

            """, to: "side.jsonl")
        try groundTruth.addSide([list], label: 1)
        #expect(groundTruth.labelled.map(\.input) == ["a.mp4", "b.mp4", "c.mp4"])
        #expect(groundTruth.labelled.map(\.label) == [1, 1, 0.25])
        #expect(groundTruth.labelled.map(\.group) == ["g", nil, nil])
        #expect(groundTruth.degradedCount == 1)
        #expect(groundTruth.failures.map(\.input) == ["e.mp4"])
        #expect(
            groundTruth.failures.map(\.reason)
                == ["\(list):6: the label is not a number from 0 to 1"])
    }

    @Test mutating func `an input with two labels is refused`() throws {
        let list = try folder.write("a.mp4\n", to: "side.txt")
        try groundTruth.addSide([list], label: 1)
        #expect(throws: EvaluationError.self) { try groundTruth.addSide([list], label: 0) }
    }

    @Test(arguments: [
        (#"{"winner": "a", "loser": "b"}"#, "not a line of results"),
        (#"{"input": "a", "logit": null}"#, "no logit"),
        (#"{"input": "a", "logit": 1, "unfamiliar": "NaN"}"#, "unfamiliar is not a number"),
        (#"{"input": "a", "logit": 1, "probability": 1e39}"#, "probability or unfamiliar is not"),
        ("{\"input\": \"a\", \"logit\": 1}\n{\"input\": \"a\", \"logit\": 2}", "comes twice"),
        (
            """
            {"input": "a", "logit": 1, "model": {"name": "x", "fingerprint": "1"}}
            {"input": "b", "logit": 1, "model": {"name": "x", "fingerprint": "2"}}
            """, "made by x 2"
        ),
        ("nonsense", "not a line of results"),
    ])
    func `invalid or inconsistent rows are refused`(text: String, problem: String) throws {
        let path = try folder.write(text + "\n", to: "rows.jsonl")
        var groundTruth = GroundTruth()
        let error = #expect(throws: PipelineError.self) { _ = try groundTruth.addRows(path) }
        #expect("\(try #require(error))".contains(problem))
    }
}
