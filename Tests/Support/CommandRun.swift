public import Foundation

/// A finished run of a program.
public struct CommandRun: Sendable {
    public let status: Int32
    /// What it wrote to standard output.
    public let bytes: Data
    /// What it wrote to standard error.
    public let messages: String

    /// Standard output as text.
    public var output: String { String(decoding: bytes, as: UTF8.self) }

    /// The lines of standard output.
    public var lines: [String] { output.split(separator: "\n").map(String.init) }

    /// Runs a program to its end.
    ///
    /// - Parameter environment: Added to the test's own.
    public init(
        _ program: URL, _ arguments: [String], input: Data? = nil,
        environment: [String: String] = [:]
    ) throws {
        let process = Process()
        process.executableURL = program
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        // Files, not pipes: nothing blocks, however much is written.
        let files = try TemporaryFolder()
        for name in ["output", "messages"] { try files.write("", to: name) }
        try files.write(input ?? Data(), to: "input")
        process.standardInput = try FileHandle(
            forReadingFrom: files.url.appendingPathComponent("input"))
        process.standardOutput = try FileHandle(
            forWritingTo: files.url.appendingPathComponent("output"))
        process.standardError = try FileHandle(
            forWritingTo: files.url.appendingPathComponent("messages"))
        try process.run()
        process.waitUntilExit()
        status = process.terminationStatus
        bytes = Data(try files.bytes("output"))
        messages = try files.text("messages")
    }
}
