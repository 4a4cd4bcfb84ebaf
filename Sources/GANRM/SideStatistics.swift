import Media

/// What the samples of one side of a training are like, in figures.
///
/// Degraded copies are counted and otherwise left out: they are what their originals are.
public struct SideStatistics: Sendable, Hashable {
    /// Lowest, middle and highest of some numbers.
    public struct Span: Sendable, Hashable {
        public let lowest: Double
        /// The lower one of two in the middle: always a number that a sample has.
        public let median: Double
        public let highest: Double

        /// Nil for no numbers.
        public init?(_ numbers: [Double]) {
            let sorted = numbers.sorted()
            guard let lowest = sorted.first, let highest = sorted.last else { return nil }
            self.lowest = lowest
            self.highest = highest
            median = sorted[(sorted.count - 1) / 2]
        }
    }

    /// A name and how many samples have it.
    public struct Count: Sendable, Hashable {
        public let name: String
        public let count: Int
    }

    /// Samples, degraded copies not counted.
    public let sampleCount: Int
    public let perturbedCount: Int
    /// Named groups, the largest first, equal ones by name.
    public let groups: [Count]
    /// Samples without a group, each of which is one of its own.
    public let ungroupedCount: Int
    private let values: [ContainerProperty: [ContainerProperty.Value]]

    public init(_ origins: [SampleOrigin]) {
        let originals = origins.filter { !$0.isPerturbed }
        sampleCount = originals.count
        perturbedCount = origins.count - originals.count
        groups = Self.counts(originals.compactMap(\.group))
        ungroupedCount = originals.count { $0.group == nil }
        values = Dictionary(
            uniqueKeysWithValues: ContainerProperty.allCases.map { property in
                (property, originals.compactMap { property.value(of: $0) })
            })
    }

    /// What is known of a property, in the order of the samples.
    public func values(of property: ContainerProperty) -> [ContainerProperty.Value] {
        values[property] ?? []
    }

    /// Nil for words, and if nothing is known.
    public func span(of property: ContainerProperty) -> Span? {
        Span(
            values(of: property).compactMap { value in
                if case .number(let number) = value { number } else { nil }
            })
    }

    /// The words of a property, the most frequent first, equal ones by name.
    public func words(of property: ContainerProperty) -> [Count] {
        Self.counts(
            values(of: property).compactMap { value in
                if case .word(let word) = value { word } else { nil }
            })
    }

    private static func counts(_ names: [String]) -> [Count] {
        Dictionary(names.map { ($0, 1) }, uniquingKeysWith: +)
            .map { Count(name: $0.key, count: $0.value) }
            .sorted { ($1.count, $0.name) < ($0.count, $1.name) }
    }
}

extension SideStatistics: CustomStringConvertible {
    /// Two lines: how many samples and groups, and what they are like.
    public var description: String {
        func list(_ counts: some Sequence<Count>) -> String {
            counts.map { "\($0.name) \($0.count)" }.joined(separator: ", ")
        }
        var first = "samples \(sampleCount)"
        let kinds = words(of: .kind)
        if !kinds.isEmpty { first += " (\(list(kinds)))" }
        first += "; groups \(groups.count)"
        let largest = groups.prefix(3).filter { $0.count > 1 }
        if !largest.isEmpty {
            first += " (\(list(largest))\(groups.count > largest.count ? ", …" : ""))"
        }
        if ungroupedCount > 0 { first += ", samples without one \(ungroupedCount)" }
        if perturbedCount > 0 { first += "; degraded copies \(perturbedCount)" }
        let properties = ContainerProperty.allCases.filter { $0 != .kind }
        return first + "\n  " + properties.map(summary).joined(separator: "; ")
    }

    /// One property: `frame rate 24 fps (8 to 60)`, `codec h264 97 %, hevc 3 %`.
    func summary(of property: ContainerProperty) -> String {
        let known = values(of: property).count
        guard known > 0 else { return "\(property.rawValue) unknown" }
        var text = "\(property.rawValue) "
        if let span = span(of: property) {
            text += property.decimals(span.median) + property.unit
            if span.lowest < span.highest {
                text +=
                    " (\(property.decimals(span.lowest)) to \(property.decimals(span.highest)))"
            }
        } else {
            text += words(of: property).prefix(3).map { word in
                "\(word.name) \(Int((100 * Double(word.count) / Double(known)).rounded())) %"
            }.joined(separator: ", ")
        }
        return text
    }
}
