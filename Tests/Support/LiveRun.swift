public import Foundation

/// A program that runs beside a test, its standard input and output in pipes. It is killed when the value
/// goes away; nothing here waits longer than `patience`.
public final class LiveRun {
    /// A program did not do in time what it should.
    struct Late: Error {
        let waitedFor: String
    }

    /// Seconds, many more than anything here takes.
    public static let patience = 120.0

    public let process = Process()
    /// Where to write to it; closed already if another program does.
    public let input: FileHandle
    /// What it writes, or another program reads.
    public let output: FileHandle
    private let folder: TemporaryFolder
    private let hasEnded = DispatchSemaphore(value: 0)
    private var unread: [UInt8] = []

    /// - Parameter writer: The program whose output is its input; nil: the test writes it.
    public init(
        _ program: URL, _ arguments: [String], environment: [String: String] = [:],
        from writer: LiveRun? = nil
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

    /// A pipe that no program inherits by accident.
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

    /// Lets it write no more than 4096 bytes ahead of who reads them.
    public func narrowOutput() {
        // F_SETPIPE_SZ, which Swift does not see.
        _ = fcntl(output.fileDescriptor, 1031, 4096)
    }

    /// What it has written to standard error so far.
    public var messages: String { (try? folder.text("messages")) ?? "" }

    /// The next line that it writes; nil at the end.
    public func line() throws -> String? {
        while true {
            if let end = unread.firstIndex(of: UInt8(ascii: "\n")) {
                defer { unread.removeFirst(end + 1) }
                return String(decoding: unread[..<end], as: UTF8.self)
            }
            guard Self.isReady(output, for: POLLIN, within: Self.patience) else {
                throw Late(waitedFor: "a line of output; messages: \(messages)")
            }
            let bytes = output.availableData
            if bytes.isEmpty { return nil }
            unread += bytes
        }
    }

    /// Reads the rest of its output and waits for its end.
    public func finish() throws -> (status: Int32, lines: [String]) {
        var lines: [String] = []
        while let line = try line() { lines.append(line) }
        return (try end(), lines)
    }

    /// Waits for its end.
    public func end() throws -> Int32 {
        guard hasEnded.wait(timeout: .now() + Self.patience) == .success else {
            throw Late(waitedFor: "the end of the program; messages: \(messages)")
        }
        hasEnded.signal()
        return process.terminationStatus
    }

    /// Writes as much as it takes, without end if need be.
    ///
    /// - Parameters:
    ///   - limit: Most bytes.
    ///   - seconds: How long it must take nothing to be seen as taking no more.
    /// - Returns: Bytes that it took.
    public func push(_ bytes: [UInt8], limit: Int, restingFor seconds: Double) throws -> Int {
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

    /// Waits until it has read all that was written to it.
    public func waitUntilInputIsRead() throws {
        let end = Date(timeIntervalSinceNow: Self.patience)
        var left: Int32 = 1
        while ioctl(input.fileDescriptor, UInt(FIONREAD), &left) == 0, left > 0 {
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
    /// An `ffmpeg` that runs beside the test.
    public static func live(_ arguments: [String]) throws -> LiveRun {
        try LiveRun(env, ["ffmpeg", "-nostdin", "-v", "error", "-y"] + arguments)
    }
}
