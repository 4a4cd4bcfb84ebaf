import ArgumentParser
import GANRM

/// What the commands that write pages have in common.
enum PageOptions {
    /// - Throws: `ValidationError` if a page in one file is to have files beside it.
    static func check(_ files: PageMedia?, output: String) throws {
        guard let files, files.needsFolder, !PagePlace(output).isFolder else { return }
        throw ValidationError(
            "--files \(files.rawValue) puts files beside the page; name a folder, not '\(output)'")
    }

    /// Says so; to be thrown.
    static func nothing(_ reason: String) -> ExitStatus {
        Terminal.complain("ganrm: \(reason)")
        return .nothingDone
    }
}
