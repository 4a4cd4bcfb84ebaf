/// What an export has written, and what it left out.
public struct ExportReport: Sendable, Hashable {
    /// A pair, or a kept candidate, that the trainer could not have used.
    public struct Omission: Sendable, Hashable {
        /// What tells its prompt from others.
        public let group: String
        public let prompt: String?
        /// One sentence.
        public let reason: String
    }

    /// Absolute.
    public let folder: String
    /// Pairs or kept candidates that are in the data set; if there is none, nothing was written.
    public internal(set) var sampleCount = 0
    /// Different files that they name.
    public internal(set) var fileCount = 0
    public internal(set) var omissions: [Omission] = []
    /// What else is worth knowing, one sentence each.
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
