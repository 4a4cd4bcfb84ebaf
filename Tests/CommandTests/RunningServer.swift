import Foundation
import Testing
import TestSupport
import TextFormats

/// A `ganrm serve` on a port of its own.
struct RunningServer {
    let process: BackgroundProcess
    let port: Int

    init(_ options: [String], environment: [String: String] = [:]) throws {
        process = try BackgroundProcess(
            CommandRun.binary, ["serve", "--port", "0"] + options, environment: environment)
        let end = Date(timeIntervalSinceNow: BackgroundProcess.timeoutSeconds)
        while true {
            if let line = process.messages.split(separator: "\n").first(where: {
                $0.hasPrefix("ganrm: listening at http://127.0.0.1:")
            }), let port = Int(line.split(separator: ":").last ?? "") {
                self.port = port
                return
            }
            try #require(process.process.isRunning, "\(process.messages)")
            try #require(Date() < end)
            usleep(20_000)
        }
    }

    /// The processes that `--isolate` has started.
    func workers() throws -> [pid_t] {
        let tasks = "/proc/\(process.process.processIdentifier)/task"
        return try FileManager.default.contentsOfDirectory(atPath: tasks).flatMap { task in
            let path = "\(tasks)/\(task)/children"
            return try String(contentsOfFile: path, encoding: .utf8).split(separator: " ")
                .compactMap { pid_t($0) }
        }
    }
}

extension ScoringFixture {
    /// The row of `ganrm score`, without the name of the input.
    func scoredRow(_ path: String, _ options: [String] = []) throws -> [JSONValue.Member] {
        let run = try CommandRun.ganrm(["score", path, "--no-store"] + self.options + options)
        return try JSONValue(parsing: try #require(run.lines.first)).withoutInput
    }
}

extension JSONValue {
    /// The members of a row but for the name of its input.
    var withoutInput: [JSONValue.Member] { (members ?? []).filter { $0.key != "input" } }
}
