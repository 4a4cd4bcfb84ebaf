/// How a head came to be: part of its file.
public struct TrainingRecord: Codable, Sendable, Hashable {
    public var settings: TrainingSettings
    public var figures: TrainingFigures
    /// Fingerprints of the reward models that this one descends from, oldest first.
    public var lineage: [String]

    public init(settings: TrainingSettings, figures: TrainingFigures, lineage: [String] = []) {
        self.settings = settings
        self.figures = figures
        self.lineage = lineage
    }
}
