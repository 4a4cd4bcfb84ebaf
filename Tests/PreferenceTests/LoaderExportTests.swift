import Foundation
import Preference
import Testing
import TestSupport

/// Writes every format for `scripts/check-exports`, which then runs the trainers' own loaders.
@Suite(.enabled(if: ProcessInfo.processInfo.environment["GANRM_EXPORTS"] != nil))
struct LoaderExportTests {
    @Test func `every format is written for the trainers' loaders`() throws {
        let out = ProcessInfo.processInfo.environment["GANRM_EXPORTS"] ?? ""
        let trial = try ExportFixture()
        let captions = [
            "a plain cat", "quotes \"double\" and 'single', commas", "two\nlines", "猫 🐈 and שלום",
        ]
        for kind in ["video", "image"] {
            // The sources are kept, since some data sets refer to them.
            let media = "\(out)/\(kind)-sources"
            try FileManager.default.createDirectory(
                atPath: media, withIntermediateDirectories: true)
            let groups = try captions.enumerated().map { index, caption in
                let inputs = try (0..<2).map { rank in
                    // The brighter clip is the better one, so that the checks of the loaders can
                    // tell them apart.
                    let path = "\(media)/\(index)_\(rank).\(kind == "video" ? "mp4" : "png")"
                    let grey = "color=c=0x\(rank == 0 ? "e0e0e0" : "202020"):s=128x96:r=10:d=2.5"
                    try FFmpeg.run(
                        ["-f", "lavfi", "-i", grey] + (kind == "image" ? ["-frames:v", "1"] : [])
                            + [path])
                    return path
                }
                return trial.group("\(index)", prompt: caption, inputs)
            }
            let pairs = groups.flatMap { PairSelection().pairs(of: $0).pairs }
            for format in PairFormat.allCases {
                let report = try PairDataset(format, options: .init(overwrites: true))
                    .write(pairs, to: "\(out)/\(kind)-pairs/\(format.rawValue)")
                #expect([0, captions.count].contains(report.sampleCount))
            }
            for format in SelectionFormat.allCases {
                let report = try SelectionDataset(format, options: .init(overwrites: true))
                    .write(
                        groups.map { Selection($0) },
                        to: "\(out)/\(kind)-selection/\(format.rawValue)")
                #expect([0, captions.count].contains(report.sampleCount))
            }
        }
    }
}
