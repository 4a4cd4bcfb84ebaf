public import Foundation

/// A finished run of a program.
public struct CommandRun: Sendable {
    public let status: Int32
    /// Contents of standard output.
    public let bytes: Data
    /// Text of standard error.
    public let messages: String

    /// Standard output as text.
    public var output: String { String(decoding: bytes, as: UTF8.self) }

    /// The lines of standard output.
    public var lines: [String] { output.split(separator: "\n").map(String.init) }

    /// Runs a program until it exits.
    ///
    /// - Parameter environment: Variables added to those of the test process.
    public init(
        _ program: URL, _ arguments: [String], input: Data? = nil,
        environment: [String: String] = [:]
    ) throws {
        let process = Process()
        process.executableURL = program
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        // Files instead of pipes, so that the program never blocks on a full pipe.
        let folder = try TemporaryFolder()
        for name in ["output", "messages"] { try folder.write("", to: name) }
        try folder.write(input ?? Data(), to: "input")
        process.standardInput = try FileHandle(
            forReadingFrom: folder.url.appendingPathComponent("input"))
        process.standardOutput = try FileHandle(
            forWritingTo: folder.url.appendingPathComponent("output"))
        process.standardError = try FileHandle(
            forWritingTo: folder.url.appendingPathComponent("messages"))
        try process.run()
        process.waitUntilExit()
        status = process.terminationStatus
        bytes = Data(try folder.bytes("output"))
        messages = try folder.text("messages")
    }
}
