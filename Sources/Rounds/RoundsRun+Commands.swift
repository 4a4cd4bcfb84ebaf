import Files
import Foundation

extension RoundsRun {
    /// Runs the generator's command, which writes to `outputs`.
    func generate(_ folder: RoundFolder, name: String, lock: Int32) throws {
        try makeFolder(folder.logs)
        try writeText(prompts.map { $0 + "\n" }.joined(), to: folder.prompts)
        try run(configuration.generate, as: .generate, folder, name: name, lock: lock) {
            if !configuration.generate.isResumable { try remove(folder.outputs) }
            try makeFolder(folder.outputs)
        }
    }

    /// Runs the training command, if there is one, and checks that it wrote its checkpoint.
    func train(_ folder: RoundFolder, name: String, lock: Int32) throws {
        guard let train = configuration.train else { return }
        let checkpoint = "\(folder.path)/\(configuration.newCheckpoint)"
        try run(train, as: .train, folder, name: name, lock: lock) {
            if !train.isResumable { try remove(checkpoint) }
        }
        guard try FileSystem.exists(checkpoint, failing: RoundsError.file) else {
            try remove(folder.status(of: .train))
            throw RoundsError.nothingMade(
                step: name, reason: "wrote nothing to {new_checkpoint}, '\(checkpoint)'",
                log: folder.log(of: .train))
        }
    }

    /// Runs a command, unless its status file already records success.
    ///
    /// - Parameter prepare: Clears and creates the command's output paths.
    private func run(
        _ step: CommandStep, as kind: RoundStep, _ folder: RoundFolder, name: String, lock: Int32,
        prepare: () throws -> Void
    ) throws {
        let statusFile = folder.status(of: kind)
        if try ProgramRun.status(in: statusFile) == 0 { return }
        try prepare()
        let values = configuration.values(round: folder.round)
        let log = folder.log(of: kind)
        let start = FileSystem.byteCount(log) ?? 0
        let end = try ProgramRun(
            command: step.command.filled(values),
            environment: Dictionary(
                uniqueKeysWithValues: values.map { ($0.environmentName, $1) }),
            workingFolder: configuration.workingFolder, log: log, statusFile: statusFile,
            timeout: step.timeout, sharedDescriptor: lock
        ).run(interruption: interruption)
        let reason: String
        switch end {
        case .exited(0): return
        case .interrupted: throw CancellationError()
        case .timedOut(let limit):
            reason = "was stopped after \(limit / .seconds(1)) seconds, its timeout"
        case .exited(let code) where code > 128:
            reason = "was ended by signal \(code - 128) (\(String(cString: strsignal(code - 128))))"
        case .exited(127): reason = "was not found (exit code 127)"
        case .exited(let code): reason = "failed with exit code \(code)"
        }
        throw RoundsError.commandFailed(
            step: name, reason: reason, log: log, lastLines: Self.lastLines(of: log, from: start))
    }

    /// The last ten lines after a byte offset.
    private static func lastLines(of file: String, from start: Int) -> [String] {
        guard let handle = FileHandle(forReadingAtPath: file),
            let end = try? handle.seekToEnd(),
            // Progress bars can make a log very long.
            (try? handle.seek(toOffset: max(UInt64(start), end > 16384 ? end - 16384 : 0))) != nil,
            let data = try? handle.readToEnd()
        else { return [] }
        return String(decoding: data, as: UTF8.self)
            .split(whereSeparator: \.isNewline).suffix(10).map { String($0.suffix(300)) }
    }
}
