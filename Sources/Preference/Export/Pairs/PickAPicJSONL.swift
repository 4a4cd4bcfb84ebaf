import Frames
import TextFormats

/// The columns of Pick-a-Pic, with paths instead of encoded bytes.
///
/// Labels are 1 or 0, never 0.5: the loaders of Diffusion-DPO and diffusers treat a tie as a win of the
/// first image.
struct PickAPicJSONL: DatasetExporter {
    let name = "pickapic-jsonl"
    let rules = ExportRules(kinds: [.image])

    func write(
        _ plan: ExportPlan, to folder: DatasetFolder, _ options: ExportOptions,
        _ report: inout ExportReport
    ) throws(ExportError) {
        try folder.writeLines(
            plan.samples.map { sample in
                JSONValue.object([
                    .init("caption", .string(sample.caption)),
                    .init("jpg_0", .string(sample.chosen.path)),
                    .init("jpg_1", .string(sample.rejected.path)),
                    .init("label_0", .number(1)),
                    .init("label_1", .number(0)),
                ])
            }, to: "pairs.jsonl")
    }
}

extension PairFormat {
    /// As `webdataset` with paths instead of image bytes, for `scripts/pairs-to-parquet`.
    public static let pickapicJSONL = PairFormat(PickAPicJSONL())
}
