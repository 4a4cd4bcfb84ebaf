import Foundation
import TestSupport

extension CommandRun {
    /// Starts `ganrm` with a pipe for its standard error, without waiting for it.
    static func start(_ arguments: [String]) throws -> (process: Process, messages: FileHandle) {
        let process = Process()
        process.executableURL = binary
        process.arguments = arguments
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        let pipe = Pipe()
        process.standardError = pipe
        try process.run()
        return (process, pipe.fileHandleForReading)
    }
}
