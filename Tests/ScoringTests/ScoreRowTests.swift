import Frames
import Reward
import Scoring
import Testing
import TextFormats

@Suite struct ScoreRowTests {
    @Test(arguments: [
        0.1, -1.0 / 3, 12345.678, 3.4e38, 1e300, 1e-40, .leastNonzeroMagnitude, 0, -0.0,
        20_000_000.3, .infinity,
        .nan,
    ])
    func `a row that was computed has the values of its text`(value: Double) throws {
        var row = ScoreRow(input: "a", extras: [])
        row.setScore(Score(memberLogits: [value, value + 1]))
        row.probability = value
        row.unfamiliar = value
        row.start = value
        let parsed = try ScoreRow(parsing: row.description)
        for property in [
            \ScoreRow.score, \.logit, \.logitSpread, \.probability, \.unfamiliar, \.start,
        ] {
            #expect(parsed[keyPath: property]?.bitPattern == row[keyPath: property]?.bitPattern)
        }
    }

    @Test func `a row keeps members that it does not know`() throws {
        let line =
            #"{"seed":[1,2.50,null],"input":"a","logit":1.5,"model":{"name":"m","new":true},"#
            + #""sampling":{"kind":"uniform","frames":8,"mode":"x"},"later":"é\n"}"#
        let row = try ScoreRow(parsing: line)
        #expect(row.members.map(\.key) == ["seed", "input", "logit", "model", "sampling", "later"])
        #expect(row.description == line.replacing("2.50", with: "2.5"))
        #expect(row["seed"]?.arrayValue?.count == 3)
        #expect(row.model?.name == "m" && row.isSampledUniformly)
    }

    @Test func `a row starts with the keys of its request, except those of results`() {
        let keys = ["id", "input", "logit", "rank", "group", "excluded", "model", "label", "total"]
        let row = ScoreRow(input: "a", extras: keys.map { .init($0, .integer(1)) })
        #expect(row.description == #"{"id":1,"rank":1,"group":1,"label":1,"input":"a"}"#)
    }

    @Test func `a JSON value that is no object is a row without members`() throws {
        for text in ["3", "null", #"["input"]"#] {
            #expect(try ScoreRow(parsing: text).members.isEmpty)
        }
        #expect(throws: JSONValue.ParseError.self) { try ScoreRow(parsing: "{") }
    }
}
