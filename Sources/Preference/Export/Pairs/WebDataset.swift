import Files
import Foundation
import Frames

/// Image pairs as a WebDataset with Pick-a-Pic's columns: encoded bytes, the winner first.
///
/// Files of one sample share their name up to the first dot, so keys contain no dot.
struct WebDataset: DatasetExporter {
    let name = "webdataset"
    let rules = ExportRules(kinds: [.image], layout: .archive)

    private static let pairsPerShard = 1000

    func write(
        _ plan: ExportPlan, to folder: DatasetFolder, _ options: ExportOptions,
        _ report: inout ExportReport
    ) throws(ExportError) {
        let samples = plan.samples
        let starts = stride(from: 0, to: samples.count, by: Self.pairsPerShard)
        for (shard, start) in starts.enumerated() {
            let tar = try TarFile(
                path: folder.preparePath("pairs-\(ExportPlan.sampleName(shard)).tar"))
            for index in start..<min(start + Self.pairsPerShard, samples.count) {
                let sample = samples[index]
                let key = ExportPlan.sampleName(index)
                for (side, clip) in sample.clips.enumerated() {
                    try add(bytes(of: clip, in: folder, options), "\(key).jpg_\(side)", to: tar)
                }
                try add(Data("1".utf8), "\(key).label_0", to: tar)
                try add(Data("0".utf8), "\(key).label_1", to: tar)
                try add(Data(sample.caption.utf8), "\(key).caption", to: tar)
            }
            try tar.close()
        }
    }

    private func add(_ data: Data, _ name: String, to tar: TarFile) throws(ExportError) {
        // `withUnsafeBytes` has untyped errors; `Result` preserves the error type.
        try data.withUnsafeBytes { bytes in
            Result { () throws(ExportError) in try tar.add(name, bytes) }
        }.get()
    }

    private func bytes(
        of clip: ExportPlan.Clip, in folder: DatasetFolder, _ options: ExportOptions
    ) throws(ExportError) -> Data {
        var path = clip.file.path
        if clip.file.isPart {
            path = try folder.preparePath(clip.fileName)
            _ = try folder.add(clip, as: clip.fileName, options)
        }
        defer { if clip.file.isPart { unlink(path) } }
        return try WholeFile.data(path, failing: ExportError.file)
    }
}

extension PairFormat {
    /// Diffusion-DPO, Pick-a-Pic: tars with `jpg_0`, `jpg_1`, `label_0`, `label_1`, `caption`.
    public static let webdataset = PairFormat(WebDataset())
}
