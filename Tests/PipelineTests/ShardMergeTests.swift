import Foundation
import Pipeline
import Testing
import TestSupport
import TextFormats

@Suite struct ShardMergeTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func row(
        _ position: Int, total: Int, model: String = "m", sampling: String? = nil
    ) -> String {
        #"{"input":"v\#(position)","score":0.5,"kind":"video","model":{"name":"\#(model)"},"#
            + (sampling.map { #""sampling":\#($0),"# } ?? "")
            + #""position":\#(position),"total":\#(total)}"# + "\n"
    }

    private func merge(_ parts: [String]) throws -> [String] {
        let paths = try parts.enumerated().map { try folder.write($1, to: "part-\($0).jsonl") }
        var lines: [String] = []
        try ShardMerge(paths).forEachLine { lines.append($0) }
        return lines
    }

    @Test func `shards in any order give the lines of a single run`() throws {
        let lines = try merge([row(1, total: 3), row(0, total: 3) + row(2, total: 3)])
        #expect(
            lines
                == (0..<3).map {
                    #"{"input":"v\#($0)","score":0.5,"kind":"video","model":{"name":"m"}}"#
                })
    }

    /// The row of a run, as ganrm writes it; the second half of its shards' rows as Python 3.11 and
    /// jq 1.6 write them: `json.dumps(row)`, `json.dumps(row, sort_keys=True, ensure_ascii=False)`,
    /// `jq -S -c`.
    @Test func `shards that other programs have rewritten give the same rows`() throws {
        let row =
            #"{"input":"vé \u2028🎬/0.mp4","score":0.5,"logit":-1.25e-07,"kind":"video","#
            + #""clips":[{"start":0.0,"indices":[0,1]}],"model":{"name":"m"},"id":"\u0007\"\\/""#
        let dumped =
            #"{"input": "v\u00e9 \u2028\ud83c\udfac/0.mp4", "score": 0.5, "logit": -1.25e-07, "#
            + #""kind": "video", "clips": [{"start": 0.0, "indices": [0, 1]}], "#
            + #""model": {"name": "m"}, "id": "\u0007\"\\/", "position": 0, "total": 2}"#
        let sorted =
            #"{"clips": [{"indices": [0, 1], "start": 0.0}], "id": "\u0007\"\\/", "#
            + "\"input\": \"vé \u{2028}🎬/0.mp4\", "
            + #""kind": "video", "logit": -1.25e-07, "model": {"name": "m"}, "position": 1, "#
            + #""score": 0.5, "total": 2}"#
        let lines = try merge([
            "\u{feff}" + dumped + "\r\n", "\n" + sorted,
        ])
        try #require(lines.count == 2)
        #expect(lines[0] == row + "}")
        let members = try JSONValue(parsing: row + "}").members ?? []
        let other = try JSONValue(parsing: lines[1]).members ?? []
        #expect(other.map(\.key) == members.map(\.key).sorted())
        for member in other where member.key != "clips" {
            #expect(members.contains(member))
        }
        let ours = row + #","position":1,"total":2}"# + "\n"
        #expect(try merge([ours, dumped]) == [row + "}", row + "}"])
    }

    @Test(arguments: [
        #"{"kind":"uniform","frames":8}"#, #"{"kind":"uniform","frames":8,"burst":3}"#,
        #"{"kind":"uniform","frames":4,"burst":2}"#, #"{"kind":"window","frames":8,"stride":2}"#,
    ])
    func `shards of another sampling are refused`(sampling: String) throws {
        let first = row(0, total: 2, sampling: #"{"kind":"uniform","frames":8,"burst":2}"#)
        let error = try #require(throws: PipelineError.self) {
            try merge([first, row(1, total: 2, sampling: sampling)])
        }
        #expect("\(error)".contains("made by"))
        // The order of the keys makes no difference.
        let same = row(1, total: 2, sampling: #"{"burst":2,"frames":8,"kind":"uniform"}"#)
        #expect(try merge([first, same]).count == 2)
    }

    @Test func `a missing, repeated, unfinished or foreign shard is refused`() {
        let problems: [([String], String)] = [
            ([row(0, total: 3) + row(2, total: 3)], "input 1 is in no part"),
            ([row(0, total: 3) + row(1, total: 3)], "2 of 3 inputs"),
            ([row(0, total: 2), row(0, total: 2) + row(1, total: 2)], "input 0 comes twice"),
            ([row(0, total: 2), row(1, total: 2, model: "n")], "made by"),
            ([row(0, total: 2), row(1, total: 3)], "different lengths"),
            ([row(0, total: 2), String(row(1, total: 2).dropLast(5))], "torn"),
            (["hello\n"], "not a line of results"),
        ]
        for (parts, message) in problems {
            do {
                _ = try merge(parts)
                Issue.record("no error for: \(message)")
            } catch {
                #expect("\(error)".contains(message))
            }
        }
    }

    /// pandas writes a column of whole numbers as floating point if one is missing.
    @Test func `positions may be written with a fraction`() throws {
        let lines = try merge([
            #"{"input":"b","id":18446744073709551615,"position":1.0,"total":2.0}"#,
            #"{"input":"a","id":18446744073709551614,"position":0e0,"total":0.2e1}"#,
        ])
        #expect(
            lines == [
                #"{"input":"a","id":18446744073709551614}"#,
                #"{"input":"b","id":18446744073709551615}"#,
            ])
    }

    @Test func `the reason why a line is no row is told`() throws {
        for (text, reason) in [
            ("{\n", "1: not a line of results (a text expected at byte 1)"),
            (#"{"input":"a","input":"b"}"# + "\n", "the key 'input' comes twice"),
            ("[]\n", "1: not a line of results; is it"), ("\n", "there are no rows in"),
        ] {
            let error = try #require(throws: PipelineError.self) { try merge([text]) }
            #expect(error.description.contains(reason), "\(error)")
        }
    }
}
