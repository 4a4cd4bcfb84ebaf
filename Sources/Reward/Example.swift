/// One embedded sample to learn from.
public struct Example: Sendable, Hashable {
    /// `D` numbers, without those of motion.
    public var embedding: [Float]
    /// What is known of how it moves: `MotionRecipe.featureCount` numbers, or none.
    public var motion: [Float] = []
    /// 1 for a proxy sample, 0 for a generated one, between for a bootstrapped one.
    public var label: Double
    /// Which half of each batch it is drawn for: a pseudo-positive stays a proxy however low its
    /// label.
    public var isProxy: Bool
    /// How much its loss counts beside that of the others, above 0.
    public var weight: Double
    /// Examples of one group (a source, a prompt) never stand on both sides of a split; nil is a
    /// group of its own.
    public var group: String?
    /// What others call it as their `original`.
    public var name: String?
    /// Made from another example, as a degraded copy of a clip: trained on beside the two classes, and
    /// never used to judge a head.
    public var isPerturbed: Bool
    /// The name of the example that this one is a worse copy of.
    public var original: String?
    /// What was done to it, where it is a worse copy: those of a kind count together.
    public var kindOfDamage: String?
    /// Whether it must not win: no pseudo-positive is made of it.
    public var isExcluded = false

    /// - Parameter isProxy: Whether the label is at least ½, unless given.
    public init(
        embedding: [Float], label: Double, isProxy: Bool? = nil, weight: Double = 1,
        group: String? = nil, name: String? = nil, isPerturbed: Bool = false,
        original: String? = nil
    ) {
        self.embedding = embedding
        self.label = label
        self.isProxy = isProxy ?? (label >= 0.5)
        self.weight = weight
        self.group = group
        self.name = name
        self.isPerturbed = isPerturbed
        self.original = original
    }
}
