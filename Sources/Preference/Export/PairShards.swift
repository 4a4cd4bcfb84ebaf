import Foundation

/// Pairs of images as a WebDataset in Pick-a-Pic's columns: encoded bytes, the winner first.
///
/// Members of one sample share what stands before the first dot, so no name has another one.
enum PairShards {
    private static let pairsPerShard = 1000

    static func write(
        _ plan: ExportPlan, to folder: DatasetFolder, _ options: ExportOptions
    ) throws(ExportError) {
        let samples = plan.samples
        for (shard, start) in stride(from: 0, to: samples.count, by: pairsPerShard).enumerated() {
            let tar = try TarFile(path: folder.place("pairs-\(ExportPlan.number(shard)).tar"))
            for index in start..<min(start + pairsPerShard, samples.count) {
                let sample = samples[index]
                let key = ExportPlan.number(index)
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

    private static func add(
        _ data: Data, _ name: String, to tar: TarFile
    ) throws(ExportError) {
        // Foundation's closures have untyped errors; the result carries the type across.
        try data.withUnsafeBytes { bytes in
            Result { () throws(ExportError) in try tar.add(name, bytes) }
        }.get()
    }

    private static func bytes(
        of clip: ExportPlan.Clip, in folder: DatasetFolder, _ options: ExportOptions
    ) throws(ExportError) -> Data {
        var path = clip.file.path
        if clip.file.region != nil {
            path = try folder.place(clip.fileName)
            _ = try folder.add(clip, as: clip.fileName, options)
        }
        defer { if clip.file.region != nil { unlink(path) } }
        do { return try Data(contentsOf: URL(fileURLWithPath: path)) } catch {
            throw .unreadable(input: clip.file.path, reason: error.localizedDescription)
        }
    }
}
