/// Metadata of a head's training; part of its file.
public struct TrainingRecord: Codable, Sendable, Hashable {
    public var settings: TrainingSettings
    public var metrics: TrainingMetrics
    /// Fingerprints of the reward models that this one was initialized from, oldest first.
    public var lineage: [String]
    /// Bootstrapping settings; nil without bootstrapping.
    public var bootstrap: RankBootstrap?
    /// Labels that the previous round's head gave the candidates; nil without bootstrapping.
    public var pseudoLabels: [RankBootstrap.PseudoLabel]?

    public init(
        settings: TrainingSettings, metrics: TrainingMetrics, lineage: [String] = [],
        bootstrap: RankBootstrap? = nil, pseudoLabels: [RankBootstrap.PseudoLabel]? = nil
    ) {
        self.settings = settings
        self.metrics = metrics
        self.lineage = lineage
        self.bootstrap = bootstrap
        self.pseudoLabels = pseudoLabels
    }

    enum CodingKeys: String, CodingKey {
        case settings, lineage, bootstrap
        case metrics = "figures"
        case pseudoLabels = "pseudo_labels"
    }
}
