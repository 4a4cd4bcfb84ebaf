/// How proxy and generated samples compare in what is no part of their content: a head learns whatever
/// tells its two sides apart, and resolution, codec, frame rate or length are easier than quality.
public struct SideComparison: Sendable, Hashable {
    public let proxy: SideStatistics
    public let generated: SideStatistics

    public init(proxy: SideStatistics, generated: SideStatistics) {
        self.proxy = proxy
        self.generated = generated
    }

    /// How well a property alone tells the sides apart; nil if one side does not say.
    public func separability(by property: ContainerProperty) -> Separability? {
        Separability(proxy: proxy.values(of: property), generated: generated.values(of: property))
    }

    /// Whether a property that gives the sides away is one that `SideMatch` equalises.
    public var callsForMatch: Bool {
        SideMatch.properties.contains { separability(by: $0)?.isSuspicious == true }
    }

    /// A sentence for each property that gives the sides away; see `Separability.isSuspicious`.
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
