public import Foundation

/// A temporary folder, removed with its contents on deinitialization.
public final class TemporaryFolder: Sendable {
    public let url: URL

    public init() throws {
        url = FileManager.default.temporaryDirectory.appendingPathComponent("ganrm-\(UUID())")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(at: url)
    }

    /// Path of the folder.
    public var path: String { url.path }

    /// Path of a file in the folder; the file need not exist.
    public func path(_ name: String) -> String { url.appendingPathComponent(name).path }

    /// Writes a file and creates its parent folders.
    @discardableResult
    public func write(_ bytes: some Sequence<UInt8>, to name: String) throws -> String {
        let file = try fileURL(name)
        try Data(bytes).write(to: file)
        return file.path
    }

    @discardableResult
    public func write(_ text: String, to name: String) throws -> String {
        try write(text.utf8, to: name)
    }

    public func bytes(_ name: String) throws -> [UInt8] {
        Array(try Data(contentsOf: url.appendingPathComponent(name)))
    }

    public func text(_ name: String) throws -> String {
        try String(contentsOfFile: path(name), encoding: .utf8)
    }

    /// Generates a video or image from a lavfi source with the system's ffmpeg.
    @discardableResult
    public func make(
        _ name: String, source: String = "testsrc2=s=130x98:r=10:d=1", _ options: String...
    ) throws -> String {
        let file = try fileURL(name)
        let options = options.flatMap { $0.split(separator: " ").map(String.init) }
        try FFmpeg.run(["-f", "lavfi", "-i", source] + options + [file.path])
        return file.path
    }

    /// Returns the URL of a file in the folder and creates its parent folders.
    private func fileURL(_ name: String) throws -> URL {
        let file = url.appendingPathComponent(name)
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        return file
    }
}

extension TemporaryFolder {
    /// Calls `body` with the path of a named pipe into which the file is written once.
    public func withPipe<Result>(_ path: String, _ body: (String) throws -> Result) throws -> Result
    {
        let pipe = self.path("pipe-\(UUID().uuidString)")
        guard mkfifo(pipe, 0o600) == 0 else { throw POSIXError(.EEXIST) }
        let writer = Process()
        writer.executableURL = URL(fileURLWithPath: "/bin/sh")
        writer.arguments = ["-c", "exec cat \"$1\" > \"$2\"", "sh", path, pipe]
        try writer.run()
        defer { writer.waitUntilExit() }
        return try body(pipe)
    }
}
