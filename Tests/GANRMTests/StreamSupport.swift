import Foundation
import JSON
import TestSupport
import Testing

extension ScoringSetting {
    /// A `ganrm score` that runs beside the test.
    func live(_ arguments: [String], from writer: LiveRun? = nil) throws -> LiveRun {
        try LiveRun(
            CommandRun.binary, ["score", "--no-store"] + arguments + options,
            environment: ["GANRM_HOME": folder.path], from: writer)
    }

    /// The rows that a stream gives, per clip unless told otherwise.
    func rows(
        of writer: LiveRun, _ arguments: [String] = ["--per", "clip"]
    ) throws -> [JSONValue] {
        try rows(live(["-"] + arguments, from: writer).finish().lines)
    }

    /// The rows that a file gives, per clip unless told otherwise.
    func rows(of path: String, _ arguments: [String] = ["--per", "clip"]) throws -> [JSONValue] {
        try rows(live([path] + arguments).finish().lines)
    }

    func rows(_ lines: [String]) throws -> [JSONValue] {
        try lines.map { try JSONValue(parsing: $0) }
    }

    private var folder: TemporaryFolder { media.folder }
}

extension JSONValue {
    /// What a clip's row says of the clip: all that must not depend on how the clip came.
    var clipFacts: JSONValue {
        .array(["indices", "start", "end", "score", "logit"].map { self[$0] ?? .null })
    }

    /// The first frame of a clip's row.
    var firstIndex: Int? {
        guard case .array(let indices)? = self["indices"] else { return nil }
        return indices.first?.integerValue
    }

    var clipRows: [JSONValue] {
        guard case .array(let clips)? = self["clips"] else { return [] }
        return clips
    }
}
