import Glibc

/// Limits of the process that the system enforces by ending it.
enum ProcessLimits {
    /// Files that a run needs beyond the standard streams, at least; Dispatch ends the process if it
    /// gets none for its signals.
    private static let fileCount = 6

    /// Lets a write beyond `ulimit -f` fail like one on a full disk, and refuses an `ulimit -n` that
    /// is too small for any run.
    static func prepare() throws {
        signal(SIGXFSZ, SIG_IGN)
        var files: [CInt] = []
        defer { for file in files { close(file) } }
        for _ in 0..<fileCount {
            let file = open("/dev/null", O_RDONLY | O_CLOEXEC)
            guard file >= 0 else {
                let reason = String(cString: strerror(errno))
                Terminal.printMessage(
                    "ganrm: cannot open a file: \(reason); raise the limit by ulimit -n",
                    isError: true)
                throw ExitStatus.nothingDone
            }
            files.append(file)
        }
    }
}
