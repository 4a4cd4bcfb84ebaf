import Foundation

/// The programs that read standard output from a pipe, as `jq`.
struct PipeReaders {
    /// The last answer, and when it was found.
    private var known: (mayWrite: Bool, time: ContinuousClock.Instant)?

    /// Whether such a program, or one that reads its output in turn, may write to a terminal: if its
    /// standard output is the terminal, or if it is not known which program reads.
    ///
    /// The answer of the last second is used again.
    mutating func mayWrite(toTerminalOf descriptor: CInt) -> Bool {
        if let known, ContinuousClock.now - known.time < .seconds(1) { return known.mayWrite }
        let mayWrite = Self.findsWriter(toTerminalOf: descriptor)
        known = (mayWrite, .now)
        return mayWrite
    }

    private static func findsWriter(toTerminalOf descriptor: CInt) -> Bool {
        var (terminal, output) = (stat(), stat())
        guard fstat(descriptor, &terminal) == 0, fstat(STDOUT_FILENO, &output) == 0 else {
            return true
        }
        let processes = ((try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? [])
            .filter { $0.first?.isNumber == true }
            .compactMap { name -> (input: stat, output: stat)? in
                var (input, output) = (stat(), stat())
                guard stat("/proc/\(name)/fd/0", &input) == 0,
                    stat("/proc/\(name)/fd/1", &output) == 0
                else { return nil }
                return (input, output)
            }
        var pipes = [output.st_ino]
        var index = 0
        var isRead = false
        while index < pipes.count {
            defer { index += 1 }
            for process in processes
            where process.input.st_mode & S_IFMT == S_IFIFO && process.input.st_ino == pipes[index]
            {
                isRead = true
                if process.output.st_mode & S_IFMT == S_IFCHR,
                    process.output.st_rdev == terminal.st_rdev
                {
                    return true
                }
                if process.output.st_mode & S_IFMT == S_IFIFO,
                    !pipes.contains(process.output.st_ino)
                {
                    pipes.append(process.output.st_ino)
                }
            }
        }
        return !isRead
    }
}
