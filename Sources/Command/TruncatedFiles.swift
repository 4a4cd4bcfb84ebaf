import Files
import Glibc

/// Files that are truncated while they are read. Weights and large files are memory-mapped, and the
/// kernel answers a read behind the end with SIGBUS.
enum TruncatedFiles {
    /// Ends the process with a message and exit code 3 instead of the signal. Rows that are written
    /// are whole.
    static func report() {
        var action = sigaction()
        action.sa_flags = CInt(bitPattern: UInt32(SA_RESETHAND))
        action.__sigaction_handler.sa_handler = { _ in
            // Only what is safe in a signal handler.
            let message: StaticString =
                "\nganrm: a file was truncated while it was read (weights, rows or a store); run the command again\n"
            _ = write(STDERR_FILENO, message.utf8Start, message.utf8CodeUnitCount)
            _exit(ExitStatus.nothingDone.rawValue)
        }
        sigaction(SIGBUS, &action, nil)
    }
}
