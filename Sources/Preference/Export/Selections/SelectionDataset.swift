/// Writes selected candidates as a data set for a trainer, as `PairDataset` does for pairs.
public struct SelectionDataset: Sendable {
    public let format: SelectionFormat
    public let options: ExportOptions

    public init(_ format: SelectionFormat, options: ExportOptions = .init()) {
        self.format = format
        self.options = options
    }

    /// Checks that a data set can be written to the folder, before the work that it is of.
    public func check(folder: String) throws(ExportError) {
        try DatasetExport(format.exporter, options).check(folder)
    }

    /// Writes a data set; candidates that the trainer cannot use are in the report.
    ///
    /// - Parameter folder: As for `PairDataset`.
    public func write(
        _ selections: [Selection], to folder: String
    ) throws(ExportError) -> ExportReport {
        let requests = selections.flatMap { selection in
            selection.kept.map {
                ExportPlan.Request(group: selection.group, members: [$0], margin: nil)
            }
        }
        return try DatasetExport(format.exporter, options).write(requests, to: folder)
    }
}
