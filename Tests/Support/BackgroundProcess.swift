public import Foundation

/// A program that runs concurrently with a test, with pipes for standard input and output.
///
/// The program is killed on deinitialization. No method waits longer than `timeoutSeconds`.
public final class BackgroundProcess {
    /// An expected event did not occur before the time-out.
    struct Late: Error {
        let waitedFor: String
    }

    /// Time-out in seconds, much longer than any operation needs.
    public static let timeoutSeconds = 120.0

    public let process = Process()
    /// Write end of the standard input; already closed if another program writes to it.
    public let input: FileHandle
    /// Read end of the standard output; another program may have taken it over.
    public let output: FileHandle
    private let folder: TemporaryFolder
    private let hasEnded = DispatchSemaphore(value: 0)
    private var unread: [UInt8] = []

    /// - Parameter writer: Program whose output becomes the input; nil if the test writes it.
    public init(
        _ program: URL, _ arguments: [String], environment: [String: String] = [:],
        from writer: BackgroundProcess? = nil
    ) throws {
        signal(SIGPIPE, SIG_IGN)
        folder = try TemporaryFolder()
        try folder.write("", to: "messages")
        let (reading, writing) = try Self.pipe()
        let (output, outputEnd) = try Self.pipe()
        self.output = output
        input = writing
        if writer != nil { try writing.close() }
        process.executableURL = program
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.standardInput = writer?.output ?? reading
        process.standardOutput = outputEnd
        process.standardError = try FileHandle(
            forWritingTo: folder.url.appendingPathComponent("messages"))
        process.terminationHandler = { [hasEnded] _ in hasEnded.signal() }
        try process.run()
        try reading.close()
        try outputEnd.close()
        try writer?.output.close()
    }

    deinit {
        if process.isRunning { send(SIGKILL) }
    }

    /// Creates a close-on-exec pipe, so that no other child process inherits it.
    private static func pipe() throws -> (reading: FileHandle, writing: FileHandle) {
        var ends: [Int32] = [0, 0]
        guard Foundation.pipe(&ends) == 0 else { throw POSIXError(.EMFILE) }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        return (
            FileHandle(fileDescriptor: ends[0], closeOnDealloc: true),
            FileHandle(fileDescriptor: ends[1], closeOnDealloc: true)
        )
    }

    public func send(_ signal: Int32) {
        kill(process.processIdentifier, signal)
    }

    /// Reduces the capacity of the output pipe to 4096 bytes.
    public func shrinkOutputPipe() {
        // F_SETPIPE_SZ, which Swift does not import.
        _ = fcntl(output.fileDescriptor, 1031, 4096)
    }

    /// Text written to standard error so far.
    public var messages: String { (try? folder.text("messages")) ?? "" }

    /// Returns the next line of output, or nil at the end of the output.
    public func line() throws -> String? {
        while true {
            if let end = unread.firstIndex(of: UInt8(ascii: "\n")) {
                defer { unread.removeFirst(end + 1) }
                return String(decoding: unread[..<end], as: UTF8.self)
            }
            guard Self.isReady(output, for: POLLIN, within: Self.timeoutSeconds) else {
                throw Late(waitedFor: "a line of output; messages: \(messages)")
            }
            let bytes = output.availableData
            if bytes.isEmpty { return nil }
            unread += bytes
        }
    }

    /// Reads the rest of the output and waits for the program to exit.
    public func finish() throws -> (status: Int32, lines: [String]) {
        var lines: [String] = []
        while let line = try line() { lines.append(line) }
        return (try end(), lines)
    }

    /// Waits for the program to exit and returns its exit status.
    public func end() throws -> Int32 {
        guard hasEnded.wait(timeout: .now() + Self.timeoutSeconds) == .success else {
            throw Late(waitedFor: "the end of the program; messages: \(messages)")
        }
        hasEnded.signal()
        return process.terminationStatus
    }

    /// Writes `bytes` repeatedly until the program stops reading or the limit is reached.
    ///
    /// - Parameters:
    ///   - limit: Maximum number of bytes to write.
    ///   - seconds: Time without progress after which the program counts as no longer reading.
    /// - Returns: Number of bytes written.
    public func push(_ bytes: [UInt8], limit: Int, stallingFor seconds: Double) throws -> Int {
        let descriptor = input.fileDescriptor
        let flags = fcntl(descriptor, F_GETFL)
        _ = fcntl(descriptor, F_SETFL, flags | O_NONBLOCK)
        defer { _ = fcntl(descriptor, F_SETFL, flags) }
        var pushed = 0
        while pushed < limit, Self.isReady(input, for: POLLOUT, within: seconds) {
            let start = pushed % bytes.count
            let count = bytes.withUnsafeBytes {
                write(descriptor, $0.baseAddress! + start, min(bytes.count - start, limit - pushed))
            }
            if count > 0 { pushed += count }
            if count < 0 && errno != EAGAIN { throw POSIXError(.EPIPE) }
        }
        return pushed
    }

    /// Waits until the program has read everything that was written to it.
    public func waitUntilInputIsRead() throws {
        let end = Date(timeIntervalSinceNow: Self.timeoutSeconds)
        var unreadBytes: Int32 = 1
        while ioctl(input.fileDescriptor, UInt(FIONREAD), &unreadBytes) == 0, unreadBytes > 0 {
            if Date() > end { throw Late(waitedFor: "the input to be read") }
            usleep(10_000)
        }
    }

    private static func isReady(
        _ file: FileHandle, for events: Int32, within seconds: Double
    ) -> Bool {
        var polled = pollfd(fd: file.fileDescriptor, events: Int16(events), revents: 0)
        return poll(&polled, 1, Int32(seconds * 1000)) > 0
    }
}

extension FFmpeg {
    /// Starts an `ffmpeg` that runs concurrently with the test.
    public static func live(_ arguments: [String]) throws -> BackgroundProcess {
        try BackgroundProcess(env, ["ffmpeg", "-nostdin", "-v", "error", "-y"] + arguments)
    }
}
