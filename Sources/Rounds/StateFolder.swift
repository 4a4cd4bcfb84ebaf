import Files
import Foundation
import TextFormats

/// The state of a run on disk, from which an interrupted run resumes.
///
/// `state.json` stores the settings that the run was started with and the finished steps. A step is
/// recorded only after its files are complete; an unfinished step is run again. A lock, held by ganrm
/// and by all commands that it started, allows one run at a time.
final class StateFolder {
    let path: String
    /// Commands inherit its file descriptor, so that they hold the lock too.
    let lock: FileLock
    private let settings: [JSONValue.Member]
    private var done: [String]

    private static let version = 1
    /// How long to wait for the lock: the commands of a killed ganrm process are about to end.
    private static let lockTimeout = Duration.seconds(5)

    /// Opens the folder, or creates it.
    ///
    /// - Parameter settings: Settings that determine the results.
    /// - Throws: `RoundsError.busy`, `.settingsChanged`, `.damagedState` or `.file`.
    init(path: String, settings: [JSONValue.Member]) throws(RoundsError) {
        self.path = path
        self.settings = settings
        try makeFolder(path)
        let file = path + "/lock"
        guard
            let lock = try FileLock.acquire(
                path: file, timeout: Self.lockTimeout, failing: RoundsError.file)
        else {
            let holder = (try? String(contentsOfFile: file, encoding: .utf8)) ?? ""
            throw .busy(state: path, holder: holder.isEmpty ? "just started" : holder)
        }
        self.lock = lock
        done = []
        let holder = "process \(getpid())"
        ftruncate(self.lock.fileDescriptor, 0)
        _ = holder.withCString { pwrite(self.lock.fileDescriptor, $0, strlen($0), 0) }
        try read()
        removeTemporaryFiles()
    }

    var doneCount: Int { done.count }

    func isDone(_ step: String) -> Bool { done.contains(step) }

    /// Records a step as done, once its files are complete.
    func finish(_ step: String) throws(RoundsError) {
        done.append(step)
        try write()
    }

    /// Removes temporary files of a killed run; complete files have their final names.
    private func removeTemporaryFiles() {
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
        guard try FileSystem.exists(file, failing: RoundsError.file) else { return try write() }
        let text = try readText(file)
        let state: JSONValue
        do { state = try JSONValue(parsing: text) } catch {
            throw .damagedState(path: file, reason: "\(error)")
        }
        guard state["version"] == .integer(Self.version) else {
            throw .damagedState(path: file, reason: "it has no version \(Self.version)")
        }
        guard let saved = state["settings"]?.members, let steps = state["done"]?.arrayValue else {
            throw .damagedState(path: file, reason: "it names no settings or no steps")
        }
        let changes = Self.changes(from: saved, to: settings)
        guard changes.isEmpty else {
            throw .settingsChanged(state: path, changes: changes)
        }
        done = steps.compactMap(\.stringValue)
        guard done.count == steps.count else {
            throw .damagedState(path: file, reason: "a step is no text")
        }
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
            // Compared as text, since reading a number back may change its type.
            let words = [old, new].map { side in
                side.first { $0.key == key }?.value.description ?? "not set"
            }
            return words[0] == words[1]
                ? nil : "\(key) was \(short(words[0])), is \(short(words[1]))"
        }
    }

    /// Flattens nested settings to keys such as `head.steps`.
    private static func leaves(of members: [JSONValue.Member]) -> [JSONValue.Member] {
        members.flatMap { member in
            member.value.members?.map { .init("\(member.key).\($0.key)", $0.value) } ?? [member]
        }
    }

    private static func short(_ text: String) -> String {
        text.count <= 80 ? text : text.prefix(78) + "…"
    }
}
