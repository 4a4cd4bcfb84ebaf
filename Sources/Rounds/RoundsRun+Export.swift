import Preference

extension RoundsRun {
    /// Writes a data set for each requested format.
    func export(_ folder: RoundFolder) throws {
        try remove(folder.exports)
        try makeFolder(folder.exports)
        let (pairFormats, selectionFormats) = (
            configuration.pairFormats, configuration.selectionFormats
        )
        guard !pairFormats.isEmpty || !selectionFormats.isEmpty else { return }
        let groups = try ranked(folder)
        for format in pairFormats {
            reportResult(
                try PairDataset(format).write(
                    pairs(of: groups), to: "\(folder.exports)/\(format.rawValue)"), format.rawValue)
        }
        for format in selectionFormats {
            // Prefixed if a pair format has the same name.
            let isShared = PairFormat(rawValue: format.rawValue) != nil
            let name = isShared ? "sft-\(format.rawValue)" : format.rawValue
            reportResult(
                try SelectionDataset(format).write(
                    groups.map { Selection($0) }.filter { !$0.kept.isEmpty },
                    to: "\(folder.exports)/\(name)"), name)
        }
    }

    private func reportResult(_ written: ExportReport, _ name: String) {
        for notice in written.notices { report(.warning("\(name): \(notice)")) }
        if let first = written.omissions.first {
            report(
                .warning(
                    "\(name): \(written.omissions.count) left out, the first: \(first.description)")
            )
        }
        if written.sampleCount == 0 { report(.warning("\(name): no sample is left")) }
    }
}
