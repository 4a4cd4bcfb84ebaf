/// Compares proxy and generated samples in properties that are independent of their content. A head
/// learns whatever separates its two sides, and resolution, codec, frame rate or length are easier
/// to learn than quality.
public struct SideComparison: Sendable, Hashable {
    public let proxy: SideStatistics
    public let generated: SideStatistics

    public init(proxy: SideStatistics, generated: SideStatistics) {
        self.proxy = proxy
        self.generated = generated
    }

    /// How well a property alone separates the sides; nil if it is unknown on one side.
    public func separability(by property: ContainerProperty) -> Separability? {
        Separability(proxy: proxy.values(of: property), generated: generated.values(of: property))
    }

    /// Whether `SideMatch` equalises a property that is suspicious.
    public var canBeMatched: Bool {
        SideMatch.properties.contains { separability(by: $0)?.isSuspicious == true }
    }

    /// A sentence for each property that is suspicious: see `Separability.isSuspicious`.
    public var warnings: [String] {
        ContainerProperty.allCases.compactMap { property in
            guard let separability = separability(by: property), separability.isSuspicious else {
                return nil
            }
            let percent = Int((100 * separability.share).rounded(.down))
            return """
                a head could tell \(percent) % of the \(separability.unit.rawValue) by \
                \(property.rawValue) alone (proxy: \(proxy.summary(of: property)); \
                generated: \(generated.summary(of: property)))
                """
        }
    }
}
