import Foundation
import Testing

/// The `ffmpeg` command: makes test media and says what its frames are.
enum FFmpeg {
    struct Failure: Error {
        let arguments: [String]
        let message: String
    }

    /// Runs `ffmpeg` to its end; returns what it wrote to standard output.
    @discardableResult
    static func run(_ arguments: [String]) throws -> Data {
        let process = try start(["-nostdin", "-v", "error", "-y"] + arguments)
        let data = process.output.fileHandleForReading.readDataToEndOfFile()
        let message = process.errors.fileHandleForReading.readDataToEndOfFile()
        process.process.waitUntilExit()
        guard process.process.terminationStatus == 0 else {
            throw Failure(
                arguments: arguments, message: String(decoding: message, as: UTF8.self))
        }
        return data
    }

    /// Starts `ffmpeg` with its output in a pipe.
    static func start(_ arguments: [String]) throws -> (
        process: Process, output: Pipe, errors: Pipe
    ) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["ffmpeg"] + arguments
        process.standardInput = FileHandle.nullDevice
        let output = Pipe()
        let errors = Pipe()
        process.standardOutput = output
        process.standardError = errors
        try process.run()
        return (process, output, errors)
    }

    /// The frames of a file as the command gives them: packed RGB, one after the other.
    static func rgb(of path: String) throws -> [UInt8] {
        Array(
            try run([
                "-i", path, "-map", "0:v:0", "-fps_mode", "passthrough", "-f", "rawvideo",
                "-pix_fmt", "rgb24", "-",
            ]))
    }
}

/// A folder of its own for one test, removed afterwards.
final class Workspace {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.path + "/ganrm-media-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    func file(_ name: String) -> String {
        "\(path)/\(name)"
    }

    /// Makes a file from a lavfi source.
    func make(_ name: String, source: String = "testsrc2=s=130x98:r=10:d=1", _ options: String...)
        throws -> String
    {
        let options = options.flatMap { $0.split(separator: " ").map(String.init) }
        try FFmpeg.run(["-f", "lavfi", "-i", source] + options + [file(name)])
        return file(name)
    }

    func write(_ name: String, _ bytes: some Sequence<UInt8>) throws -> String {
        try Data(bytes).write(to: URL(fileURLWithPath: file(name)))
        return file(name)
    }

    func bytes(_ name: String) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(fileURLWithPath: file(name))))
    }
}
