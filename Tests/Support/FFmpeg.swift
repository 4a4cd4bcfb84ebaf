public import Foundation

/// The `ffmpeg` command: generates test media and decodes reference frames.
public enum FFmpeg {
    struct Failure: Error {
        let arguments: [String]
        let message: String
    }

    /// Runs `ffmpeg` until it exits and returns its standard output.
    @discardableResult
    public static func run(_ arguments: [String]) throws -> Data {
        let run = try CommandRun(env, ["ffmpeg", "-nostdin", "-v", "error", "-y"] + arguments)
        guard run.status == 0 else { throw Failure(arguments: arguments, message: run.messages) }
        return run.bytes
    }

    /// The numbers that `ffprobe` prints for the video stream of a file.
    ///
    /// - Parameter entries: As for `-show_entries`, with a single entry.
    public static func probe(
        _ path: String, _ entries: String, _ options: String...
    ) throws -> [Int] {
        let run = try CommandRun(
            env,
            ["ffprobe", "-v", "error", "-select_streams", "v:0"] + options
                + ["-show_entries", entries, "-of", "csv=p=0", path])
        return run.output.split { !$0.isNumber && $0 != "-" }.compactMap { Int($0) }
    }

    static let env = URL(fileURLWithPath: "/usr/bin/env")

    /// Starts `ffmpeg` with its output in a pipe.
    public static func start(_ arguments: [String]) throws -> (
        process: Process, output: Pipe, errors: Pipe
    ) {
        let process = Process()
        process.executableURL = env
        process.arguments = ["ffmpeg"] + arguments
        process.standardInput = FileHandle.nullDevice
        let output = Pipe()
        let errors = Pipe()
        process.standardOutput = output
        process.standardError = errors
        try process.run()
        return (process, output, errors)
    }

    /// All frames of a file as `ffmpeg` decodes them: packed RGB, concatenated.
    public static func rgb(of path: String) throws -> [UInt8] {
        Array(
            try run([
                "-i", path, "-map", "0:v:0", "-fps_mode", "passthrough", "-f", "rawvideo",
                "-pix_fmt", "rgb24", "-",
            ]))
    }
}
