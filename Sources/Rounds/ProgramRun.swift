import Files
import Foundation
import SystemPackage
import Pipeline

/// Runs a program to completion in its own process group.
///
/// A short shell script supervises the program. It waits on a pipe whose other end only ganrm holds,
/// so the whole process group is killed when ganrm exits, even by `kill -9`. (`PR_SET_PDEATHSIG`
/// covers a single process and cannot be set through `posix_spawn`.) The script also writes the
/// program's exit status to a file, so that a program which finished after ganrm had died is not run
/// again. Foundation's `Process` does not support process groups: a signal would reach a script but
/// not the trainer that it started.
struct ProgramRun {
    /// The program and its arguments; a name without a slash is looked up in `PATH`.
    var command: [String]
    /// Variables added to ganrm's own environment.
    var environment: [String: String]
    var workingFolder: String
    /// File to which standard output and standard error are appended.
    var log: String
    /// File that receives the exit status, in decimal, when the program ends.
    var statusFile: String
    /// Time limit; nil for no limit.
    var timeout: Duration?
    /// File descriptor that all started processes inherit: a lock stays held while any of them lives.
    var sharedDescriptor: Int32

    enum End: Equatable {
        case exited(Int32)
        case timedOut(limit: Duration)
        case interrupted
    }

    /// Time from SIGTERM to SIGKILL.
    private static let gracePeriod = Duration.seconds(10)

    /// `$0` is the status file, `$1` the working folder, the rest is the program with its arguments;
    /// `start` sets up the descriptors. The script uses `kill -s`, since dash rejects `kill -KILL -- -N`.
    private static let supervisor = """
        { read -r end <&3; kill -s KILL -- "-$$"; } &
        cd -- "$1" && shift || exit
        "$@" 3<&-
        echo $? >"$0.part" && mv -- "$0.part" "$0"
        """

    /// Runs the program; returns when every process of its group has ended.
    ///
    /// - Throws: `RoundsError.file` for the log, `.file` if the process cannot be started.
    func run(interruption: Interruption) throws(RoundsError) -> End {
        unlink(statusFile)
        let (leader, lifeline) = try start()
        defer { close(lifeline) }
        let begin = ContinuousClock.now
        var end: End?
        var deadline: ContinuousClock.Instant?
        while !hasEnded(leader) {
            let now = ContinuousClock.now
            if end == nil {
                if interruption.isRequested {
                    end = .interrupted
                } else if let timeout, now - begin >= timeout {
                    end = .timedOut(limit: timeout)
                }
                if end != nil {
                    kill(-leader, SIGTERM)
                    deadline = now + Self.gracePeriod
                }
            }
            if let deadline, now >= deadline { kill(-leader, SIGKILL) }
            usleep(10_000)
        }
        if end != nil {
            // SIGTERM ends the shell at once; its children may take longer.
            while let deadline, ContinuousClock.now < deadline, hasMembers(leader) {
                usleep(10_000)
            }
        }
        // The leader is not reaped yet, so its ID cannot have been reused for another group.
        kill(-leader, SIGKILL)
        var status: Int32 = 0
        while waitpid(leader, &status, 0) < 0 && errno == EINTR {}
        if let end { return end }
        if let code = try Self.status(in: statusFile) { return .exited(code) }
        // The shell itself was killed.
        return .exited(status & 0x7f == 0 ? (status >> 8) & 0xff : 128 + status & 0x7f)
    }

    /// The exit status of a program, which an earlier ganrm process may have started; nil if it has
    /// not ended.
    ///
    /// - Throws: `RoundsError.file` or `.damagedState`: a program that has ended must not run again.
    static func status(in file: String) throws(RoundsError) -> Int32? {
        guard try FileSystem.exists(file, failing: RoundsError.file) else { return nil }
        let text = try readText(file)
        guard let status = Int32(text.trimmingCharacters(in: .whitespacesAndNewlines)) else {
            throw .damagedState(path: file, reason: "it holds no exit status")
        }
        return status
    }

    /// Starts the shell, which starts the program.
    ///
    /// - Returns: The shell's process ID, which is also that of the group, and the write end of the
    ///   pipe; closing it kills the group.
    private func start() throws(RoundsError) -> (leader: pid_t, lifeline: Int32) {
        let output = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o666)
        guard output >= 0 else { throw .file(.last(.write, log)) }
        defer { close(output) }
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else {
            throw .file(.last(.read, command[0]))
        }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        defer { close(ends[0]) }

        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, output, 1)
        posix_spawn_file_actions_adddup2(&actions, output, 2)
        // Moved above 4 first, since either source may itself be descriptor 3 or 4.
        let high: Int32 = 64
        posix_spawn_file_actions_adddup2(&actions, sharedDescriptor, high)
        posix_spawn_file_actions_adddup2(&actions, ends[0], 3)
        posix_spawn_file_actions_adddup2(&actions, high, 4)
        posix_spawn_file_actions_addclose(&actions, high)

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // Ignored signals are inherited: the program would never receive SIGTERM.
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        for signal in [SIGPIPE, SIGINT, SIGTERM] { sigaddset(&signals, signal) }
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(
            &attributes,
            Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))

        var arguments =
            (["/bin/sh", "-c", Self.supervisor, statusFile, workingFolder]
            + command).map { strdup($0) }
        var variables = ProcessInfo.processInfo.environment.merging(environment) { $1 }
            .map { strdup("\($0)=\($1)") }
        defer { for text in arguments + variables { free(text) } }
        arguments.append(nil)
        variables.append(nil)
        var leader: pid_t = 0
        let code = posix_spawn(&leader, "/bin/sh", &actions, &attributes, arguments, variables)
        guard code == 0 else {
            close(ends[1])
            throw .file(FileError(.read, "/bin/sh", .system(Errno(rawValue: code))))
        }
        return (leader, ends[1])
    }

    /// Whether the leader has ended. Does not reap it.
    private func hasEnded(_ leader: pid_t) -> Bool {
        var info = siginfo_t()
        let found = waitid(P_PID, id_t(leader), &info, WEXITED | WNOHANG | WNOWAIT)
        return found != 0 ? errno != EINTR : info.si_signo != 0
    }

    /// Whether the group has running processes other than its leader.
    private func hasMembers(_ leader: pid_t) -> Bool {
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: "/proc") else {
            return false
        }
        return names.contains { name in
            guard let id = pid_t(name), id != leader else { return false }
            return getpgid(id) == leader && !isZombie(id)
        }
    }

    private func isZombie(_ id: pid_t) -> Bool {
        guard let text = try? String(contentsOfFile: "/proc/\(id)/stat", encoding: .utf8),
            let state = text[(text.lastIndex(of: ")") ?? text.startIndex)...].dropFirst(2).first
        else { return true }
        return state == "Z" || state == "X"
    }
}
