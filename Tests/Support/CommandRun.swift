import Foundation
import TestSupport
import Testing

/// A finished run of a program.
struct CommandRun {
    let status: Int32
    let output: String
    let messages: String

    /// The lines of standard output.
    var lines: [String] { output.split(separator: "\n").map(String.init) }

    /// Runs `ganrm`, which SwiftPM builds beside the test bundle.
    static func ganrm(
        _ arguments: [String], input: Data? = nil, environment: [String: String] = [:]
    ) throws -> CommandRun {
        try run(binary, arguments, input: input, environment: environment)
    }

    /// Runs the ffmpeg of the system; fails the test with its messages if it fails.
    static func ffmpeg(_ arguments: [String]) throws {
        let run = try run(
            URL(fileURLWithPath: "/usr/bin/env"),
            ["ffmpeg", "-nostdin", "-v", "error", "-y"] + arguments)
        try #require(run.status == 0, "ffmpeg: \(run.messages)")
    }

    static let binary: URL = {
        // The runner is <products>/ganrmPackageTests.xctest or a helper of the toolchain.
        let folders = CommandLine.arguments.map { URL(fileURLWithPath: $0) }
            .flatMap { [$0.deletingLastPathComponent(), $0] }
        for folder in folders {
            let binary = folder.appendingPathComponent("ganrm")
            if FileManager.default.isExecutableFile(atPath: binary.path) { return binary }
        }
        fatalError("ganrm is not beside the tests: \(CommandLine.arguments)")
    }()

    private static func run(
        _ binary: URL, _ arguments: [String], input: Data? = nil,
        environment: [String: String] = [:]
    ) throws -> CommandRun {
        let process = Process()
        process.executableURL = binary
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        let files = try TemporaryFolder()
        // Files, not pipes: nothing blocks, however much is written.
        try files.write("", to: "output")
        try files.write("", to: "messages")
        try (input ?? Data()).write(to: files.url.appendingPathComponent("input"))
        process.standardInput = try FileHandle(
            forReadingFrom: files.url.appendingPathComponent("input"))
        process.standardOutput = try FileHandle(
            forWritingTo: files.url.appendingPathComponent("output"))
        process.standardError = try FileHandle(
            forWritingTo: files.url.appendingPathComponent("messages"))
        try process.run()
        process.waitUntilExit()
        return CommandRun(
            status: process.terminationStatus,
            output: try String(contentsOfFile: files.path("output"), encoding: .utf8),
            messages: try String(contentsOfFile: files.path("messages"), encoding: .utf8))
    }
}
