/// Writes kept candidates as a data set that a trainer loads, as `PairDataset` does for pairs.
public struct SelectionDataset: Sendable {
    public let format: SelectionFormat
    public let options: ExportOptions

    public init(_ format: SelectionFormat, options: ExportOptions = .init()) {
        self.format = format
        self.options = options
    }

    /// - Parameter folder: As for `PairDataset`.
    public func write(
        _ selections: [Selection], to folder: String
    ) throws(ExportError) -> ExportReport {
        let requests = selections.flatMap { selection in
            selection.kept.map {
                ExportPlan.Request(group: selection.group, members: [$0], margin: nil)
            }
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
        case .lvdm: try SelectionLists.writeLVDM(plan, to: folder)
        case .finetrainers: try SelectionLists.writeFinetrainers(plan, to: folder)
        case .finetrainersJSONL: try SelectionLists.writeFolderMetadata(plan, to: folder)
        case .diffsynth: try SelectionLists.writeDiffSynth(plan, to: folder, &report)
        case .musubi: try MusubiFiles.write(plan, to: folder, &report)
        case .diffusionPipe: try DiffusionPipeFiles.write(plan, to: folder)
        case .vgen: try SelectionLists.writeVGen(plan, to: folder, &report)
        case .jsonl: try SelectionLists.writeJSONL(plan, to: folder)
        }
    }
}
