/// Writes preference pairs as a data set that a trainer loads.
///
/// Every file is decoded first; what the trainer's loader would drop, take for another or stop at is left
/// out and reported. Then the data set appears whole, or not at all.
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

    /// - Parameter folder: Made with the folders above it; what may be there already says
    ///   `ExportOptions.overwrites`.
    public func write(
        _ pairs: [PreferencePair], to folder: String
    ) throws(ExportError) -> ExportReport {
        let requests = pairs.map {
            ExportPlan.Request(
                group: $0.group, members: [$0.chosen, $0.rejected], margin: $0.margin)
        }
        return try DatasetExport(
            format: format.rawValue, rules: format.rules, options: options
        ).write(requests, to: folder) { (plan, folder, report) throws(ExportError) in
            try write(plan, to: folder, &report)
        }
    }

    private func write(
        _ plan: ExportPlan, to folder: DatasetFolder, _ report: inout ExportReport
    ) throws(ExportError) {
        switch format {
        case .videodpo: try VideoDPOFiles(plan).write(to: folder, &report)
        case .unifiedreward: try UnifiedRewardFiles.writeVideos(plan, to: folder)
        case .unifiedrewardImage: try UnifiedRewardFiles.writeImages(plan, to: folder)
        case .webdataset: try PairShards.write(plan, to: folder, options)
        case .pickapicJSONL: try PairLists.writePickAPic(plan, to: folder)
        case .videoalign: try PairLists.writeVideoAlign(plan, to: folder)
        case .folders: try PairLists.writeFolderPrompts(plan, to: folder)
        case .jsonl: try PairLists.writeJSONL(plan, to: folder)
        }
    }
}
