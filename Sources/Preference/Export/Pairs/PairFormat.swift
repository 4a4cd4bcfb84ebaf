/// A data set format for preference pairs. `docs/exports.md` lists the trainer version that each was
/// checked with.
public struct PairFormat: RawRepresentable, Sendable, Hashable, CaseIterable {
    /// All formats, in the order of help screens and messages.
    public static let allCases: [PairFormat] = [
        .videodpo,
        .unifiedreward,
        .unifiedrewardImage,
        .webdataset,
        .pickapicJSONL,
        .videoalign,
        .folders,
        .jsonl,
    ]

    let exporter: any DatasetExporter

    init(_ exporter: any DatasetExporter) {
        self.exporter = exporter
    }

    /// The format with a name; nil if there is none.
    public init?(rawValue: String) {
        guard let format = Self.allCases.first(where: { $0.rawValue == rawValue }) else {
            return nil
        }
        self = format
    }

    /// The format's name.
    public var rawValue: String { exporter.name }
}
