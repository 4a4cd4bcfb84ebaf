import Files
import Glibc

/// Limits of the process that the system enforces by ending it.
enum ProcessLimits {
    /// Files that a run needs beyond the standard streams, at least; Dispatch ends the process if it
    /// gets none for its signals.
    private static let fileCount = 6

    /// Memory for the stacks of Dispatch's threads, in bytes; without it Dispatch waits for ever.
    private static let stackSize = 32 << 20

    /// Raises the limit of open files as far as the user may: each upload of a server is one.
    static func raiseOpenFiles() {
        var limit = rlimit()
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        guard getrlimit(resource, &limit) == 0 else { return }
        limit.rlim_cur = limit.rlim_max
        setrlimit(resource, &limit)
    }

    /// Lets a write beyond `ulimit -f` fail like one on a full disk, and refuses an `ulimit -n` or
    /// `-v` that is too small for any run.
    static func prepare() throws {
        signal(SIGXFSZ, SIG_IGN)
        guard Memory.isAvailable(stackSize) else {
            Terminal.printMessage(
                "ganrm: there is no memory for threads; raise the limit by ulimit -v", isError: true
            )
            throw ExitStatus.nothingDone
        }
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
