import Foundation
import JSON

/// What all data sets have in common: check everything, then write everything.
struct DatasetExport {
    let format: String
    let rules: ExportRules
    let options: ExportOptions

    func write(
        _ requests: [ExportPlan.Request], to folder: String,
        lists: (ExportPlan, DatasetFolder, inout ExportReport) throws(ExportError) -> Void
    ) throws(ExportError) -> ExportReport {
        var options = options
        if options.files == .reference && !rules.takesReferences {
            throw .needsFiles(format: format)
        }
        if options.files == nil && rules.takesReferences { options.files = .reference }
        var report = ExportReport(folder: folder.absolutePath)
        try DatasetFolder.check(
            report.folder, overwrites: options.overwrites,
            candidates: requests.flatMap { $0.members.map { CandidateFile($0.candidate) } })
        let plan = try ExportPlan(requests, rules: rules, options: options, report: &report)
        guard !plan.samples.isEmpty else { return report }
        let mark = JSONValue.object([
            .init("format", .string(format)), .init("samples", .integer(plan.samples.count)),
        ])
        try DatasetFolder.write(to: report.folder, mark: "\(mark)\n") {
            (target) throws(ExportError) in
            try place(plan, in: target, options, &report)
            try lists(plan, target, &report)
        }
        return report
    }

    private func place(
        _ plan: ExportPlan, in folder: DatasetFolder, _ options: ExportOptions,
        _ report: inout ExportReport
    ) throws(ExportError) {
        var symbolic = 0
        func add(_ clip: ExportPlan.Clip, _ name: String) throws(ExportError) {
            if try folder.add(clip, as: name, options) { symbolic += 1 }
        }
        switch rules.layout {
        case .oneFolder:
            for clip in plan.clips where clip.isPlaced { try add(clip, clip.path) }
        case .folderPerSide:
            for (number, sample) in plan.samples.enumerated() {
                for (side, clip) in zip(["w", "l"], sample.clips) {
                    try add(clip, "\(side)/\(ExportPlan.number(number)).\(clip.extension)")
                }
            }
        case .archive:
            break
        }
        if symbolic > 0 {
            report.notices.append(
                """
                \(symbolic) file\(symbolic == 1 ? " is" : "s are") linked symbolically, since no hard \
                link can be made to where they are
                """)
        }
    }
}
