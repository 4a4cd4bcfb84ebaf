import Files
import Foundation
import TextFormats

/// The steps shared by all data set formats: check all files, then write.
struct DatasetExport {
    private let exporter: any DatasetExporter
    private let options: ExportOptions

    init(_ exporter: any DatasetExporter, _ options: ExportOptions) {
        self.exporter = exporter
        self.options = options
    }

    /// Checks the options and the folder, before the work whose results the data set has.
    ///
    /// - Parameter candidates: Those that must not be in the folder, as far as they are known.
    func check(
        _ folder: String, candidates: [CandidateFile] = []
    ) throws(ExportError) {
        if options.files == .reference && !exporter.rules.takesReferences {
            throw .needsFiles(format: exporter.name)
        }
        try DatasetFolder.check(
            folder.absolutePath, overwrites: options.overwrites, candidates: candidates)
    }

    func write(
        _ requests: [ExportPlan.Request], to folder: String
    ) throws(ExportError) -> ExportReport {
        let rules = exporter.rules
        var options = options
        if options.files == nil && rules.takesReferences { options.files = .reference }
        var report = ExportReport(folder: folder.absolutePath)
        let lock: OutputLock
        do throws(FileError) {
            lock = try OutputLock(output: report.folder, createsFolder: true)
        } catch {
            throw .file(error)
        }
        defer { withExtendedLifetime(lock) {} }
        try check(
            folder,
            candidates: requests.flatMap { $0.members.map { CandidateFile($0.candidate) } })
        let plan = try ExportPlan(requests, rules: rules, options: options, report: &report)
        guard !plan.samples.isEmpty else { return report }
        let mark = JSONValue.object([
            .init("format", .string(exporter.name)), .init("samples", .integer(plan.samples.count)),
        ])
        try DatasetFolder.write(to: report.folder, mark: "\(mark)\n") {
            (target) throws(ExportError) in
            try addFiles(of: plan, in: target, options, &report)
            try exporter.write(plan, to: target, options, &report)
        }
        return report
    }

    private func addFiles(
        of plan: ExportPlan, in folder: DatasetFolder, _ options: ExportOptions,
        _ report: inout ExportReport
    ) throws(ExportError) {
        var symlinkCount = 0
        func add(_ clip: ExportPlan.Clip, _ name: String) throws(ExportError) {
            if try folder.add(clip, as: name, options) { symlinkCount += 1 }
        }
        switch exporter.rules.layout {
        case .oneFolder:
            for clip in plan.clips where clip.isPlaced { try add(clip, clip.path) }
        case .folderPerSide:
            for (index, sample) in plan.samples.enumerated() {
                for (side, clip) in zip(["w", "l"], sample.clips) {
                    try add(clip, "\(side)/\(ExportPlan.sampleName(index)).\(clip.extension)")
                }
            }
        case .archive:
            break
        }
        if symlinkCount > 0 {
            report.notices.append(
                """
                \(symlinkCount) file\(symlinkCount == 1 ? " is" : "s are") linked symbolically, since no hard \
                link can be made to where they are
                """)
        }
    }
}
