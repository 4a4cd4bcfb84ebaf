import Files
import Foundation
import Synchronization
import TextFormats

/// Messages and the status line on standard error; results are never written there.
///
/// The status line is the last line of a terminal. Messages and rows are written above it: each one
/// together with the new status line, with one system call, so that it neither vanishes nor flickers.
enum Terminal {
    /// Whether standard error is a terminal on which a line can be rewritten.
    static let canRewriteLines = isatty(STDERR_FILENO) == 1 && !isDumb

    /// Whether rows and messages are shown on one terminal, so that a message would repeat a row.
    static func shows(_ writer: LineWriter) -> Bool { writer.isTerminal(of: STDERR_FILENO) }

    /// Opens `/dev/null` for closed standard streams. Otherwise the next opened file would get such a
    /// descriptor, and messages would be written to it.
    static func openMissingStandardStreams() {
        for stream in STDIN_FILENO...STDERR_FILENO
        where fcntl(stream, F_GETFD) < 0 && errno == EBADF {
            _ = open("/dev/null", O_RDWR)
        }
    }

    /// Prints a message of one line above the status line. Control characters, which may come from
    /// names of files and servers, are escaped.
    ///
    /// - Parameter isError: Whether the program's name, with which the message begins, is red.
    static func printMessage(_ message: String, isError: Bool = false) {
        let line = DisplayText.line(message)
        printLines(hasColors ? colored(line, isError: isError) : line)
    }

    /// Prints text of several lines, such as usage.
    static func printText(_ text: String) {
        printLines(DisplayText.block(text))
    }

    private static func printLines(_ lines: String) {
        status.withLock { write($0.erasing + lines + "\n" + $0.drawing()) }
    }

    /// Writes a line of results; above the status line if they are shown on the same terminal.
    ///
    /// A program that reads the results, as `jq`, may show them there a little later.
    ///
    /// - Throws: The errors of `LineWriter.write`.
    static func printResult(_ line: String, to writer: LineWriter) throws {
        guard canRewriteLines, writer.isTerminal(of: STDERR_FILENO) else {
            if canRewriteLines, writer.isPipe { status.withLock { $0.hideForReaders() } }
            return try writer.write(line)
        }
        try status.withLock {
            try writer.write(line, before: $0.erasing, after: $0.drawing())
        }
    }
}

/// The status line.
extension Terminal {
    private struct Status {
        /// The line for a number of columns; nil if there is none.
        var line: (@Sendable (_ width: Int) -> String)?
        /// The line as it is shown; nil if it is not.
        private var shown: String?
        private var lastDrawn = ContinuousClock.now
        /// Until when the line is not drawn.
        private var hiddenUntil = ContinuousClock.now
        private var readers = PipeReaders()

        /// Control sequence before other text.
        var erasing: String {
            guard let shown else { return "" }
            return rowsAbove(of: shown) > 0 ? moving(to: shown) + "\u{1b}[J" : "\r\u{1b}[K"
        }

        /// Rows above the cursor that a line takes in a window that has become narrower.
        private func rowsAbove(of shown: String) -> Int {
            guard Terminal.wrapsAgain else { return 0 }
            let text = shown.replacing(#/\u{1b}\[[0-9;]*m/#, with: "")
            return max(text.displayWidth - 1, 0) / Terminal.width
        }

        private func moving(to shown: String) -> String {
            let rows = rowsAbove(of: shown)
            return rows > 0 ? "\u{1b}[\(rows)A\r" : "\r"
        }

        /// The line after other text.
        mutating func drawing() -> String {
            guard let line, isForeground, ContinuousClock.now >= hiddenUntil else {
                shown = nil
                return ""
            }
            let text = line(Terminal.lineWidth)
            shown = text
            lastDrawn = .now
            return "\r" + text + "\u{1b}[K"
        }

        /// The line in place of that which is shown, if it differs, or if other programs may have
        /// written over it.
        mutating func redrawing() -> String {
            guard let shown else { return drawing() }
            if rowsAbove(of: shown) > 0 { return erasing + drawing() }
            if ContinuousClock.now - lastDrawn < .milliseconds(500),
                shown == line?(Terminal.lineWidth)
            {
                return ""
            }
            return drawing()
        }

        /// Erases the line for as long as a program that reads standard output needs to show a row on
        /// the terminal.
        mutating func hideForReaders() {
            guard readers.mayWrite(toTerminalOf: STDERR_FILENO) else { return }
            Terminal.write(erasing)
            shown = nil
            hiddenUntil = .now + .milliseconds(150)
        }

        mutating func clear() {
            Terminal.write(erasing)
            line = nil
            shown = nil
        }
    }

    private static let status = Mutex(Status())

    /// Redraws for times that pass, for counts that were not drawn at once, and for another width of the
    /// window.
    private static let redrawingThread: Void = Thread.detachNewThread {
        while true {
            usleep(100_000)
            redrawStatus()
        }
    }

    /// Shows a status line until `clearStatus`; without effect if lines cannot be rewritten.
    ///
    /// - Parameter line: Returns the line for a number of columns, whenever it is drawn.
    static func showStatus(_ line: @escaping @Sendable (_ width: Int) -> String) {
        guard canRewriteLines else { return }
        _ = redrawingThread
        status.withLock {
            $0.line = line
            write($0.redrawing())
        }
    }

    /// Shows words as the status line.
    static func showStatus(_ words: String) {
        showStatus { DisplayText.line(words).shortened(toWidth: $0) }
    }

    static func redrawStatus() {
        status.withLock { status in
            guard status.line != nil else { return }
            write(status.redrawing())
        }
    }

    static func clearStatus() {
        status.withLock { $0.clear() }
    }

    /// Clears the status line unless another thread is drawing it; before the process ends at once.
    static func clearStatusIfPossible() {
        _ = status.withLockIfAvailable { $0.clear() }
    }

    /// Columns of the status line. One that fills the last column would wrap on some terminals, and
    /// so would the `^C` that a terminal echoes behind it: the line would stay above the messages.
    private static var lineWidth: Int { max(width - 3, 1) }

    /// Columns of the terminal; 80 if they are unknown.
    private static var width: Int {
        var size = winsize()
        guard ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else {
            return 80
        }
        return Int(size.ws_col)
    }

    /// Whether the terminal wraps the lines that it shows again when its width changes, as most do. The
    /// others cut them off.
    private static let wrapsAgain =
        variable("XTERM_VERSION").isEmpty && variable("STY").isEmpty && variable("TERM") != "linux"

    /// Whether the process may draw: not while it is stopped or in the background of its shell.
    private static var isForeground: Bool {
        let foreground = tcgetpgrp(STDERR_FILENO)
        return foreground < 0 || foreground == getpgrp()
    }

    /// Ignores write errors: a message is no reason to stop if its reader has exited or the disk is
    /// full.
    private static func write(_ text: String) {
        var text = text
        text.withUTF8 { bytes in
            var rest = UnsafeRawBufferPointer(bytes)
            while !rest.isEmpty {
                let count = Foundation.write(STDERR_FILENO, rest.baseAddress, rest.count)
                if count < 0 && errno == EINTR { continue }
                guard count > 0 else { return }
                rest = UnsafeRawBufferPointer(rebasing: rest[count...])
            }
        }
    }
}

/// Colours and characters.
extension Terminal {
    /// When text has colours.
    enum ColorChoice: String, CaseIterable {
        case auto, always, never
    }

    private static let colorChoice = Mutex(ColorChoice.auto)

    /// Sets the choice of `--color`.
    static func setColors(_ choice: ColorChoice) {
        colorChoice.withLock { $0 = choice }
    }

    /// Whether messages and the status line have colours: by `--color`, else by `NO_COLOR`
    /// (no-color.org) and `CLICOLOR_FORCE`, else on a terminal that is not dumb.
    static var hasColors: Bool {
        switch colorChoice.withLock(\.self) {
        case .always: return true
        case .never: return false
        case .auto: break
        }
        if !variable("NO_COLOR").isEmpty { return false }
        if !["", "0"].contains(variable("CLICOLOR_FORCE")) { return true }
        return canRewriteLines
    }

    /// How progress bars are drawn.
    static var barStyle: ProgressBar.Style {
        .init(isColored: hasColors, isUnicode: isUnicode)
    }

    private static var isDumb: Bool { ["", "dumb"].contains(variable("TERM")) }

    /// Whether the locale has UTF-8 and narrow lines: in East-Asian ones they may be two columns wide.
    private static let isUnicode: Bool = {
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].lazy.map(variable).first { !$0.isEmpty } ?? ""
        let isUTF8 = ["utf-8", "utf8"].contains { locale.lowercased().contains($0) }
        return isUTF8 && !["zh", "ja", "ko"].contains { locale.hasPrefix($0) }
    }()

    private static func variable(_ name: String) -> String {
        ProcessInfo.processInfo.environment[name] ?? ""
    }

    private static func colored(_ message: String, isError: Bool) -> String {
        let (name, warning) = ("ganrm:", "ganrm: warning:")
        if message.lowercased().hasPrefix(warning) {
            return "\u{1b}[33m" + message.prefix(warning.count) + "\u{1b}[39m"
                + message.dropFirst(warning.count)
        }
        guard isError, message.hasPrefix(name) else { return message }
        return "\u{1b}[31m" + name + "\u{1b}[39m" + message.dropFirst(name.count)
    }
}
