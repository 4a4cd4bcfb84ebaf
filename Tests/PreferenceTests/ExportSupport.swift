import Foundation
import Preference
import TestSupport
import TextFormats

/// Generated media and ranked groups with synthetic scores, and access to the exported data set.
struct ExportFixture {
    let media: TemporaryFolder
    let target: TemporaryFolder
    /// Absolute path of the exported data set.
    var out: String { target.path("out") }

    init() throws {
        media = try TemporaryFolder()
        target = try TemporaryFolder()
    }

    /// Generates a video of 64 × 48 pixels; `rate` is in frames per second.
    func video(_ name: String, frames: Int = 16, rate: Int = 10) throws -> String {
        try media.make(name, source: "testsrc2=s=64x48:r=\(rate):d=60", "-frames:v \(frames)")
    }

    func image(_ name: String) throws -> String {
        try media.make(name, source: "testsrc2=s=64x48", "-frames:v 1")
    }

    /// Ranks the inputs in the given order, with logits 2, 1, 0, …
    func group(_ name: String, prompt: String?, _ inputs: [String]) -> RankedGroup {
        let group = CandidateGroup(
            name: name, prompt: prompt, candidates: inputs.map { Candidate(input: $0) })
        return RankedGroup(group) { candidate in
            .scored(CandidateScore(logit: 2 - Double(inputs.firstIndex(of: candidate.input)!))!)
        }
    }

    func pairs(_ groups: RankedGroup...) -> [PreferencePair] {
        groups.flatMap { PairSelection().pairs(of: $0).pairs }
    }

    func text(_ name: String) throws -> String { try target.text("out/\(name)") }

    func json(_ name: String) throws -> JSONValue { try JSONValue(parsing: text(name)) }

    func lines(_ name: String) throws -> [JSONValue] {
        try text(name).split(separator: "\n").map { try JSONValue(parsing: $0) }
    }

    func exists(_ name: String) -> Bool {
        FileManager.default.fileExists(atPath: target.path("out/\(name)"))
    }

    /// Evaluates a Python expression and returns its value as JSON. The statements and the
    /// expression can use `folder`, the data set's path.
    func python(_ statements: String, _ expression: String) throws -> String {
        let script = """
            import csv, json, os, sys, tarfile, tomllib
            folder = sys.argv[1]
            \(statements)
            print(json.dumps(\(expression), ensure_ascii=False))
            """
        let run = try CommandRun(
            URL(fileURLWithPath: "/usr/bin/env"), ["python3", "-c", script, out])
        if run.status != 0 { throw PythonFailure(message: run.messages) }
        return run.lines.last ?? ""
    }

    struct PythonFailure: Error { let message: String }
}
