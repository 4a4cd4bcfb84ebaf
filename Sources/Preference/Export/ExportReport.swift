/// The result of an export: what was written and what was left out.
public struct ExportReport: Sendable, Hashable {
    /// A pair or a selected candidate that the trainer could not use.
    public struct Omission: Sendable, Hashable {
        /// Name of the prompt's group.
        public let group: String
        public let prompt: String?
        /// One sentence.
        public let reason: String
    }

    /// Absolute path.
    public let folder: String
    /// Pairs or selected candidates in the data set; if 0, nothing was written.
    public internal(set) var sampleCount = 0
    /// Distinct files of these samples.
    public internal(set) var fileCount = 0
    public internal(set) var omissions: [Omission] = []
    /// Further remarks, one sentence each.
    public internal(set) var notices: [String] = []

    init(folder: String) {
        self.folder = folder
    }
}

extension ExportReport.Omission: CustomStringConvertible {
    public var description: String {
        "\(prompt.map { "prompt '\($0)'" } ?? "group '\(group)'"): \(reason)"
    }
}
