import Foundation
import GANRM

/// A program that is run to its end in a process group of its own.
///
/// Between ganrm and the program stands a shell of a few lines. It waits on a pipe whose other end
/// only ganrm has, so that the program and all that it started die with ganrm however that ends, by
/// `kill -9` even; `PR_SET_PDEATHSIG` would do that for one process only, and cannot be set through
/// `posix_spawn`. And it leaves the program's exit status in a file, so that a program which had ended
/// is not run again if ganrm was not there to see it. (Foundation's `Process` has no process
/// groups: a stop would reach a script and not the trainer that it started.)
struct ProgramRun {
    /// The program and its arguments; a name without a slash is looked up in `PATH`.
    var command: [String]
    /// Added to ganrm's own.
    var environment: [String: String]
    var workingFolder: String
    /// Gets standard output and standard error, appended.
    var log: String
    /// Gets the exit status as a number once the program has ended.
    var statusFile: String
    /// Nil: any.
    var timeout: Duration?
    /// Open in all processes that it starts: a lock that is held as long as one of them lives.
    var sharedDescriptor: Int32

    enum End: Equatable {
        case exited(Int32)
        case timedOut
        case interrupted
    }

    /// From a request to stop to the moment when it is no longer a request.
    private static let grace = Duration.seconds(10)

    /// (`kill -KILL -- -N` is what dash does not understand.) The status file is `$0`, the working folder `$1`, the program the rest; the descriptors are those
    /// of `start`.
    private static let supervisor = """
        { read -r end <&3; kill -s KILL -- "-$$"; } &
        cd -- "$1" && shift || exit
        "$@" 3<&-
        echo $? >"$0.part" && mv -- "$0.part" "$0"
        """

    /// Runs the program; returns when neither it nor anything that it started in its group is left.
    ///
    /// - Throws: `RoundsError.unwritable` for the log, `.unreadable` if nothing can be started.
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
                    end = .timedOut
                }
                if end != nil {
                    kill(-leader, SIGTERM)
                    deadline = now + Self.grace
                }
            }
            if let deadline, now >= deadline { kill(-leader, SIGKILL) }
            usleep(10_000)
        }
        if end != nil {
            // The shell goes at once; what it waited for may take its time.
            while let deadline, ContinuousClock.now < deadline, hasMembers(leader) {
                usleep(10_000)
            }
        }
        // The leader is not waited for yet, so that its number still means this group.
        kill(-leader, SIGKILL)
        var status: Int32 = 0
        while waitpid(leader, &status, 0) < 0 && errno == EINTR {}
        if let end { return end }
        if let code = Self.status(in: statusFile) { return .exited(code) }
        // The shell itself was killed.
        return .exited(status & 0x7f == 0 ? (status >> 8) & 0xff : 128 + status & 0x7f)
    }

    /// The exit status of a program that has ended, perhaps under an earlier ganrm.
    static func status(in file: String) -> Int32? {
        guard let text = try? String(contentsOfFile: file, encoding: .utf8) else { return nil }
        return Int32(text.trimmingCharacters(in: .whitespacesAndNewlines))
    }

    /// Starts the shell with the program; returns its number, which is that of the group, and the end
    /// of the pipe that keeps it alive.
    private func start() throws(RoundsError) -> (leader: pid_t, lifeline: Int32) {
        let output = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o666)
        guard output >= 0 else { throw .unwritable(path: log, reason: lastReason()) }
        defer { close(output) }
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else {
            throw .unreadable(path: command[0], reason: lastReason())
        }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        defer { close(ends[0]) }

        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, output, 1)
        posix_spawn_file_actions_adddup2(&actions, output, 2)
        // Above 4 first: either may be the number that the other goes to.
        let high: Int32 = 64
        posix_spawn_file_actions_adddup2(&actions, sharedDescriptor, high)
        posix_spawn_file_actions_adddup2(&actions, ends[0], 3)
        posix_spawn_file_actions_adddup2(&actions, high, 4)
        posix_spawn_file_actions_addclose(&actions, high)

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // What ganrm ignores, a program must not: it would not hear SIGTERM.
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        for number in [SIGPIPE, SIGINT, SIGTERM] { sigaddset(&signals, number) }
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(
            &attributes,
            Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))

        var words =
            (["/bin/sh", "-c", Self.supervisor, statusFile, workingFolder]
            + command).map { strdup($0) }
        var variables = ProcessInfo.processInfo.environment.merging(environment) { $1 }
            .map { strdup("\($0)=\($1)") }
        defer { for text in words + variables { free(text) } }
        words.append(nil)
        variables.append(nil)
        var leader: pid_t = 0
        let failure = posix_spawn(&leader, "/bin/sh", &actions, &attributes, words, variables)
        guard failure == 0 else {
            close(ends[1])
            throw .unreadable(path: "/bin/sh", reason: String(cString: strerror(failure)))
        }
        return (leader, ends[1])
    }

    /// Whether the leader has ended; it stays a zombie.
    private func hasEnded(_ leader: pid_t) -> Bool {
        var info = siginfo_t()
        let found = waitid(P_PID, id_t(leader), &info, WEXITED | WNOHANG | WNOWAIT)
        return found != 0 ? errno != EINTR : info.si_signo != 0
    }

    /// Whether processes of the group run, besides the leader that has ended.
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

    private func lastReason() -> String { String(cString: strerror(errno)) }
}
