public import Foundation

/// A program whose standard error, and perhaps output, is a terminal.
///
/// The program is killed on deinitialization. No method waits longer than
/// `BackgroundProcess.timeoutSeconds`.
public final class PseudoTerminal {
    public let process = Process()
    private let primary: FileHandle
    private let folder: TemporaryFolder
    private var received: [UInt8] = []

    /// Starts a program.
    ///
    /// - Parameters:
    ///   - columns: Width of the terminal.
    ///   - showsOutput: Whether standard output is the terminal, too; else see `output`.
    public init(
        _ program: URL, _ arguments: [String], columns: Int = 100, showsOutput: Bool = true,
        environment: [String: String] = [:]
    ) throws {
        let descriptor = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
        var (lock, number) = (Int32(0), UInt32(0))
        // TIOCSPTLCK and TIOCGPTN, which Swift does not import, as posix_openpt and its like.
        guard descriptor >= 0, ioctl(descriptor, 0x4004_5431, &lock) == 0,
            ioctl(descriptor, 0x8004_5430, &number) == 0
        else { throw POSIXError(.ENODEV) }
        primary = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        let replica = open("/dev/pts/\(number)", O_RDWR | O_NOCTTY | O_CLOEXEC)
        guard replica >= 0 else { throw POSIXError(.ENODEV) }
        let terminal = FileHandle(fileDescriptor: replica, closeOnDealloc: true)
        folder = try TemporaryFolder()
        try folder.write("", to: "output")
        process.executableURL = program
        process.arguments = arguments
        // Only what a test sets, so that it does not depend on the terminal of the tests.
        var variables = ProcessInfo.processInfo.environment.filter { name, _ in
            !["NO_COLOR", "CLICOLOR_FORCE", "LC_ALL", "LC_CTYPE", "LANG"].contains(name)
        }
        variables["TERM"] = "xterm"
        process.environment = variables.merging(environment) { $1 }
        process.standardInput = FileHandle.nullDevice
        process.standardError = terminal
        process.standardOutput =
            showsOutput
            ? terminal : try FileHandle(forWritingTo: folder.url.appendingPathComponent("output"))
        resize(columns: columns)
        try process.run()
        try terminal.close()
    }

    deinit {
        // The group: programs that a shell started would wait for ever.
        kill(-process.processIdentifier, SIGKILL)
    }

    public func send(_ signal: Int32) {
        kill(process.processIdentifier, signal)
    }

    /// Changes the width of the terminal.
    public func resize(columns: Int) {
        var size = winsize(
            ws_row: 24, ws_col: UInt16(columns), ws_xpixel: 0, ws_ypixel: 0)
        _ = ioctl(primary.fileDescriptor, UInt(TIOCSWINSZ), &size)
    }

    /// Contents of standard output, if the terminal does not show it.
    public var output: String { (try? folder.text("output")) ?? "" }

    /// Everything that was written to the terminal, with control sequences.
    public var text: String { String(decoding: received, as: UTF8.self) }

    /// Reads until the text so far satisfies a condition.
    ///
    /// - Throws: `BackgroundProcess.Late` if the program ends, or does nothing, before.
    public func wait(for event: String, until condition: (String) -> Bool) throws {
        while !condition(text) {
            guard read() else {
                throw BackgroundProcess.Late(waitedFor: "\(event); terminal: \(text)")
            }
        }
    }

    /// Reads the rest and waits for the program to exit.
    ///
    /// - Returns: The exit status, or the number of the signal that ended the program, negated.
    public func finish() -> Int32 {
        while read() {}
        let end = Date(timeIntervalSinceNow: BackgroundProcess.timeoutSeconds)
        while process.isRunning, Date() < end { usleep(10_000) }
        if process.isRunning { send(SIGKILL) }
        process.waitUntilExit()
        return process.terminationReason == .exit
            ? process.terminationStatus : -process.terminationStatus
    }

    /// Reads what there is; false at the end.
    private func read() -> Bool {
        var polled = pollfd(fd: primary.fileDescriptor, events: Int16(POLLIN), revents: 0)
        guard poll(&polled, 1, Int32(BackgroundProcess.timeoutSeconds * 1000)) > 0 else {
            return false
        }
        var bytes = [UInt8](repeating: 0, count: 4096)
        // Fails with EIO once the program has closed the terminal.
        let count = Foundation.read(primary.fileDescriptor, &bytes, bytes.count)
        guard count > 0 else { return false }
        received += bytes[..<count]
        return true
    }

    /// The lines that the terminal shows, trailing blanks removed: a model of carriage returns,
    /// erasures to the end of the line, and colours, which are dropped.
    public var screen: [String] {
        var lines: [[Character]] = [[]]
        var column = 0
        var rest = text.unicodeScalars[...]
        while let scalar = rest.popFirst() {
            switch scalar {
            case "\r": column = 0
            case "\n":
                lines.append([])
                column = 0
            case "\u{1b}":
                guard rest.popFirst() == "[" else { continue }
                while let next = rest.popFirst() {
                    if next == "K" { lines[lines.count - 1].removeSubrange(column...) }
                    if next.properties.isAlphabetic { break }
                }
            default:
                let last = lines.count - 1
                if column < lines[last].count {
                    lines[last][column] = Character(scalar)
                } else {
                    lines[last].append(Character(scalar))
                }
                column += 1
            }
        }
        return lines.map { line in
            String(line).replacing(#/ +$/#, with: "")
        }
    }
}
