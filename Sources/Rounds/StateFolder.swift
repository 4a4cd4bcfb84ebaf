import Foundation
import JSON
import Tensors

/// The folder in which rounds are kept, so that they go on where they stopped.
///
/// `state.json` holds the settings that the rounds were begun with and the steps that are done; a step's
/// files are complete before it is called done, and a step that is not done is done anew. One run at a
/// time: a lock is held by ganrm and by all commands that it started.
final class StateFolder {
    let path: String
    /// The lock's descriptor, for commands to hold it too.
    let lock: Int32
    private let settings: [JSONValue.Member]
    private var done: [String]

    private static let version = 1
    /// How long a lock is waited for: commands of a ganrm that was killed are about to end.
    private static let patience = Duration.seconds(5)

    /// Opens the folder, or makes it.
    ///
    /// - Parameter settings: What the results depend on.
    /// - Throws: `RoundsError.busy`, `.settingsChanged`, `.damagedState` or `.unwritable`.
    init(path: String, settings: [JSONValue.Member]) throws(RoundsError) {
        self.path = path
        self.settings = settings
        try makeFolder(path)
        let file = path + "/lock"
        lock = open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0o666)
        guard lock >= 0 else {
            throw .unwritable(path: file, reason: String(cString: strerror(errno)))
        }
        done = []
        let begin = ContinuousClock.now
        while flock(lock, LOCK_EX | LOCK_NB) != 0 {
            guard ContinuousClock.now - begin < Self.patience else {
                let holder = (try? String(contentsOfFile: file, encoding: .utf8)) ?? ""
                throw .busy(state: path, holder: holder.isEmpty ? "just begun" : holder)
            }
            usleep(50_000)
        }
        let holder = "process \(getpid())"
        ftruncate(lock, 0)
        _ = holder.withCString { pwrite(lock, $0, strlen($0), 0) }
        try read()
        removeParts()
    }

    deinit { close(lock) }

    var doneCount: Int { done.count }

    func isDone(_ step: String) -> Bool { done.contains(step) }

    /// Notes that a step is done, after its files.
    func finish(_ step: String) throws(RoundsError) {
        done.append(step)
        try write()
    }

    /// Removes what a ganrm that was killed had begun to write: whole files have their own names.
    private func removeParts() {
        let manager = FileManager.default
        func names(_ folder: String) -> [String] {
            (try? manager.contentsOfDirectory(atPath: folder)) ?? []
        }
        let rounds = names(path).filter { Int($0) != nil }.map { "\(path)/\($0)" }
        for folder in [path] + rounds + rounds.map({ "\($0)/head.training" }) {
            for name in names(folder) where name.hasSuffix(".part") {
                try? manager.removeItem(atPath: "\(folder)/\(name)")
            }
        }
    }

    private var file: String { path + "/state.json" }

    private func read() throws(RoundsError) {
        guard FileManager.default.fileExists(atPath: file) else { return try write() }
        let text = try readText(file)
        let state: JSONValue
        do { state = try JSONValue(parsing: text) } catch {
            throw .damagedState(path: file, reason: "\(error)")
        }
        guard state["version"] == .integer(Self.version) else {
            throw .damagedState(path: file, reason: "it has no version \(Self.version)")
        }
        guard let known = state["settings"]?.members, let steps = state["done"]?.arrayValue else {
            throw .damagedState(path: file, reason: "it names no settings or no steps")
        }
        let changes = Self.changes(from: known, to: settings)
        guard changes.isEmpty else {
            throw .settingsChanged(state: path, changes: changes)
        }
        done = steps.compactMap(\.stringValue)
    }

    private func write() throws(RoundsError) {
        try writeText(
            "{\"version\":\(Self.version),\n\"settings\":\(JSONValue.object(settings)),\n\"done\":"
                + "\(JSONValue.array(done.map { .string($0) }))}\n", to: file)
    }

    private static func changes(
        from old: [JSONValue.Member], to new: [JSONValue.Member]
    ) -> [String] {
        let (old, new) = (leaves(of: old), leaves(of: new))
        var keys = old.map(\.key)
        keys += new.map(\.key).filter { !keys.contains($0) }
        return keys.compactMap { key in
            // As text: a number is written as 1.0 and read as 1.0, whatever it was before.
            let words = [old, new].map { side in
                side.first { $0.key == key }?.value.description ?? "not set"
            }
            return words[0] == words[1]
                ? nil : "\(key) was \(short(words[0])), is \(short(words[1]))"
        }
    }

    /// Settings in settings get names as `head.steps`.
    private static func leaves(of members: [JSONValue.Member]) -> [JSONValue.Member] {
        members.flatMap { member in
            member.value.members?.map { .init("\(member.key).\($0.key)", $0.value) } ?? [member]
        }
    }

    private static func short(_ text: String) -> String {
        text.count <= 80 ? text : text.prefix(78) + "…"
    }
}
