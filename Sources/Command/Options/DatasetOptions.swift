import ArgumentParser
import Preference
import TextFormats

/// Options for writing a data set for a trainer.
struct DatasetOptions: ParsableArguments {
    @Option(
        help: """
            How files are included in the data set (default: by reference if the trainer accepts any \
            path, else hard links).
            """)
    var files: FilePlacement?

    @Option(
        help: "Fewest frames of a video (default: what the trainer's loader needs).")
    var minFrames: Int?

    @Option(
        help: "Shortest video, in seconds (default: what the trainer's loader needs).")
    var minSeconds: Double?

    func validate() throws {
        try OptionRange.check("--min-frames", minFrames, 1...1_000_000_000)
        try OptionRange.check("--min-seconds", minSeconds, 0...1e9)
    }

    /// The format and the folder given to `--export`; nil without it.
    static func target<Format: RawRepresentable & CaseIterable>(
        _ words: [String], as _: Format.Type
    ) throws -> (format: Format, folder: String)? where Format.RawValue == String {
        if words.isEmpty { return nil }
        guard words.count == 2 else {
            throw ValidationError(
                "--export takes a format and a folder; name candidates before it")
        }
        guard let format = Format(rawValue: words[0]) else {
            let known = Format.allCases.map(\.rawValue)
            let question = NameSuggestions.question(for: words[0], among: known)
            throw ValidationError(
                "--export knows no format '\(words[0])', only \(known.joined(separator: ", "))"
                    + (question.map { "; \($0)" } ?? ""))
        }
        return (format, words[1])
    }

    /// The options of the data set.
    func exportOptions(_ ranking: RankingOptions) -> ExportOptions {
        ExportOptions(
            files: files, overwrites: ranking.overwrite, minFrames: minFrames,
            minSeconds: minSeconds, crf: ranking.candidates.crf)
    }

    /// Writes a data set and reports its contents on standard error.
    ///
    /// - Throws: `ExitStatus` if any sample was left out.
    func export(
        _ ranking: RankingOptions, _ write: (ExportOptions) throws -> ExportReport
    ) throws {
        let report = try write(exportOptions(ranking))
        if !ranking.quiet {
            for omission in report.omissions { Terminal.printMessage("ganrm: \(omission)") }
            for notice in report.notices { Terminal.printMessage(notice) }
            if report.sampleCount > 0 {
                Terminal.printMessage(
                    """
                    \(report.folder): \(report.sampleCount) sample\(report.sampleCount == 1 ? "" : "s"), \
                    \(report.fileCount) file\(report.fileCount == 1 ? "" : "s")
                    """)
            }
        }
        if report.sampleCount == 0 {
            throw PageOptions.nothing("nothing can be used; no data set is written")
        }
        if !report.omissions.isEmpty { throw ExitStatus.someInputsFailed }
    }
}
