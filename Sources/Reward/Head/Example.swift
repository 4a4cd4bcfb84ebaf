/// One embedded sample to train on.
public struct Example: Sendable, Hashable {
    /// `[D]`, without motion features.
    public var embedding: [Float]
    /// Motion features, `[MotionRecipe.featureCount]`; empty if there are none.
    public var motion: [Float] = []
    /// 1 for a proxy sample, 0 for a generated one, in between for a bootstrapped one.
    public var label: Double
    /// Whether the example is drawn for the proxy half of a batch: pseudo-positives are, however
    /// low their label.
    public var isProxy: Bool
    /// Weight of the example's loss, above 0.
    public var weight: Double
    /// Examples of one group (a source, a prompt) are never on both sides of a split; nil is a
    /// group of its own.
    public var group: String?
    /// Name by which other examples refer to this one as their `original`.
    public var name: String?
    /// Whether this is a degraded copy of another example: trained on beside the two classes, and
    /// never used to evaluate a head.
    public var isDegraded: Bool
    /// Name of the example that this one is a degraded copy of.
    public var original: String?
    /// Kind of degradation of a degraded copy; copies of one kind are evaluated together.
    public var degradationKind: String?
    /// Whether the example must not be selected as a pseudo-positive.
    public var isExcluded = false

    /// - Parameter isProxy: Nil derives it from the label: proxy if at least 0.5.
    public init(
        embedding: [Float], label: Double, isProxy: Bool? = nil, weight: Double = 1,
        group: String? = nil, name: String? = nil, isDegraded: Bool = false,
        original: String? = nil
    ) {
        self.embedding = embedding
        self.label = label
        self.isProxy = isProxy ?? (label >= 0.5)
        self.weight = weight
        self.group = group
        self.name = name
        self.isDegraded = isDegraded
        self.original = original
    }
}
