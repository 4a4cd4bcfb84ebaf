import Foundation
import Testing
import TestSupport
import TextFormats

extension ScoringFixture {
    /// Starts a `ganrm score` that runs concurrently with the test.
    func live(_ arguments: [String], from writer: BackgroundProcess? = nil) throws
        -> BackgroundProcess
    {
        try BackgroundProcess(
            CommandRun.binary, ["score", "--no-store"] + arguments + options,
            environment: ["GANRM_HOME": folder.path], from: writer)
    }

    /// The rows of a stream, by default per clip.
    func rows(
        of writer: BackgroundProcess, _ arguments: [String] = ["--per", "clip"]
    ) throws -> [JSONValue] {
        try rows(live(["-"] + arguments, from: writer).finish().lines)
    }

    /// The rows of a file, by default per clip.
    func rows(of path: String, _ arguments: [String] = ["--per", "clip"]) throws -> [JSONValue] {
        try rows(live([path] + arguments).finish().lines)
    }

    func rows(_ lines: [String]) throws -> [JSONValue] {
        try lines.map { try JSONValue(parsing: $0) }
    }

    private var folder: TemporaryFolder { media.folder }
}

extension JSONValue {
    /// The values of a clip's row that must not depend on how the clip was read.
    var clipFacts: JSONValue {
        .array(["indices", "start", "end", "score", "logit"].map { self[$0] ?? .null })
    }

    /// Index of the first frame in a clip's row.
    var firstIndex: Int? {
        guard case .array(let indices)? = self["indices"] else { return nil }
        return indices.first?.integerValue
    }

    var clipRows: [JSONValue] {
        guard case .array(let clips)? = self["clips"] else { return [] }
        return clips
    }
}
