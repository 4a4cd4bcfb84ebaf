/// Writes preference pairs as a data set for a trainer.
///
/// Every file is decoded first; samples that the trainer's loader would drop, replace or fail on are
/// left out and reported. Then the data set is written atomically.
///
/// ```swift
/// let report = try PairDataset(.videodpo).write(pairs, to: "out")
/// for omission in report.omissions { print(omission) }
/// ```
public struct PairDataset: Sendable {
    public let format: PairFormat
    public let options: ExportOptions

    public init(_ format: PairFormat, options: ExportOptions = .init()) {
        self.format = format
        self.options = options
    }

    /// Checks that a data set can be written to the folder, before the work that it is of.
    public func check(folder: String) throws(ExportError) {
        try DatasetExport(format.exporter, options).check(folder)
    }

    /// Writes a data set; pairs that the trainer cannot use are in the report.
    ///
    /// - Parameter folder: Created with its parents; see `ExportOptions.overwrites` if it exists.
    public func write(
        _ pairs: [PreferencePair], to folder: String
    ) throws(ExportError) -> ExportReport {
        let requests = pairs.map {
            ExportPlan.Request(
                group: $0.group, members: [$0.chosen, $0.rejected], margin: $0.margin)
        }
        return try DatasetExport(format.exporter, options).write(requests, to: folder)
    }
}
