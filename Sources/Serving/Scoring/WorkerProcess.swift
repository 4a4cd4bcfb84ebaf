import Foundation
import Glibc

/// How worker processes are started: this program, told to score what it reads.
public struct Isolation: Sendable {
    public var executable: String
    public var arguments: [String]
    /// Arguments that name another reward model.
    public var modelArguments: @Sendable (_ path: String) -> [String]
    /// Seconds that a medium may take; a worker that takes longer is ended.
    public var timeout: Double

    public init(
        executable: String, arguments: [String],
        modelArguments: @escaping @Sendable (_ path: String) -> [String], timeout: Double
    ) {
        self.executable = executable
        self.arguments = arguments
        self.modelArguments = modelArguments
        self.timeout = timeout
    }
}

/// A process that answers each line of standard input with one of standard output.
///
/// It ends when its standard input does. Used by one thread at a time for each direction.
final class WorkerProcess: @unchecked Sendable {
    enum Answer {
        case line(String)
        /// The process has ended or was ended; why, in words.
        case ended(String)
    }

    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()
    /// Whether an answer was that the process has ended.
    private(set) var hasEnded = false
    /// Bytes behind the last line that was read.
    private var buffer: [UInt8] = []

    /// Starts a process and waits until it says that it is ready.
    ///
    /// - Throws: `ServingError.setting` if it ends instead; it has told why on standard error.
    init(_ isolation: Isolation, model: String?) throws {
        process.executableURL = URL(filePath: isolation.executable)
        process.arguments = isolation.arguments + (model.map(isolation.modelArguments) ?? [])
        process.standardInput = input
        process.standardOutput = output
        do {
            try process.run()
        } catch {
            throw ServingError.setting(reason: "a worker does not start: \(error)")
        }
        if case .ended(let reason) = answer() {
            throw ServingError.setting(reason: "a worker does not start: \(reason)")
        }
    }

    deinit {
        try? input.fileHandleForWriting.close()
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
    }

    /// Writes a line. If the process has ended, its next answer says so.
    func send(_ line: String) {
        try? input.fileHandleForWriting.write(contentsOf: Data((line + "\n").utf8))
    }

    /// The next line.
    ///
    /// - Parameter timeout: Seconds after which the process is ended; nil waits.
    func answer(within timeout: Double? = nil) -> Answer {
        let deadline = timeout.map { ContinuousClock.now + .seconds($0) }
        while true {
            if let end = buffer.firstIndex(of: UInt8(ascii: "\n")) {
                defer { buffer.removeFirst(end + 1) }
                return .line(String(decoding: buffer[..<end], as: UTF8.self))
            }
            let descriptor = output.fileHandleForReading.fileDescriptor
            if let deadline, let timeout {
                let left = (deadline - .now) / .milliseconds(1)
                var poll = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
                guard left > 0,
                    Glibc.poll(&poll, 1, CInt(min(left, 1e6)) + 1) >= 0 || errno == EINTR
                else {
                    kill(process.processIdentifier, SIGKILL)
                    _ = endReason()
                    return .ended("it took more than \(timeout.formatted()) seconds")
                }
                if poll.revents == 0 { continue }
            }
            var bytes = [UInt8](repeating: 0, count: 1 << 16)
            let count = read(descriptor, &bytes, bytes.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return .ended(endReason()) }
            buffer += bytes[..<count]
        }
    }

    private func endReason() -> String {
        hasEnded = true
        process.waitUntilExit()
        let status = process.terminationStatus
        return process.terminationReason == .uncaughtSignal
            ? "the decoder crashed (signal \(status))" : "the worker ended (status \(status))"
    }
}
