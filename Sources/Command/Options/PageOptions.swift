import ArgumentParser
import Pages

/// Functions shared by the commands that write pages.
enum PageOptions {
    /// Checks that the output suits `--files`.
    ///
    /// - Throws: `ValidationError` if a single-file page is to have files beside it.
    static func check(_ files: PageMediaMode?, output: String) throws {
        guard let files, files.needsFolder, !PageLocation(output).isFolder else { return }
        throw ValidationError(
            "--files \(files.rawValue) puts files beside the page; name a folder, not '\(output)'")
    }

    /// Prints what a page cannot show, each cause once.
    static func report(_ missing: [MissingMedia]) {
        for media in missing { Terminal.printMessage("ganrm: \(media.sentence)") }
    }

    /// Prints the reason and returns the exit status to throw.
    static func nothing(_ reason: String) -> ExitStatus {
        Terminal.printMessage("ganrm: \(reason)")
        return .nothingDone
    }
}
