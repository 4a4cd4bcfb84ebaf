/// How a head came to be: part of its file.
public struct TrainingRecord: Codable, Sendable, Hashable {
    public var settings: TrainingSettings
    public var figures: TrainingFigures
    /// Fingerprints of the reward models that this one descends from, oldest first.
    public var lineage: [String]
    /// How candidates were bootstrapped from; nil if none were.
    public var bootstrap: RankBootstrap?
    /// What the head before this one made of the candidates; nil if there were none.
    public var pseudoLabels: [RankBootstrap.PseudoLabel]?

    public init(
        settings: TrainingSettings, figures: TrainingFigures, lineage: [String] = [],
        bootstrap: RankBootstrap? = nil, pseudoLabels: [RankBootstrap.PseudoLabel]? = nil
    ) {
        self.settings = settings
        self.figures = figures
        self.lineage = lineage
        self.bootstrap = bootstrap
        self.pseudoLabels = pseudoLabels
    }

    enum CodingKeys: String, CodingKey {
        case settings, figures, lineage, bootstrap
        case pseudoLabels = "pseudo_labels"
    }
}
