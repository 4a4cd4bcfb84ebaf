/// A data set format: what the trainer's loader requires of the samples, and the files that it reads.
///
/// A new format is one file, with a type that conforms to this protocol and a static member of
/// `PairFormat` or `SelectionFormat`, and one row in `allCases` of that type.
protocol DatasetExporter: Sendable {
    /// Name in options, configuration files and messages. Unique among the formats for pairs, and among
    /// those for selections.
    var name: String { get }
    /// Checked before anything is written.
    var rules: ExportRules { get }

    /// Writes the lists of the samples, and settings for the trainer.
    ///
    /// - Parameters:
    ///   - plan: Samples that satisfy the rules, at least one.
    ///   - folder: Already contains the candidates' files, placed by `rules.layout`.
    ///   - report: Notices about the data set are added to it.
    func write(
        _ plan: ExportPlan, to folder: DatasetFolder, _ options: ExportOptions,
        _ report: inout ExportReport
    ) throws(ExportError)
}
