import Media
public import Pipeline
import TextFormats

/// Statistics of the samples of one side of a training.
///
/// Degraded copies are counted, but have no other influence, since their properties are their
/// originals'.
public struct SideStatistics: Sendable, Hashable {
    /// Minimum, median and maximum of a property.
    public struct Span: Sendable, Hashable {
        public let lowest: Double
        /// The lower one of two medians, so that it is a sample's value.
        public let median: Double
        public let highest: Double

        /// Nil for no values.
        public init?(_ values: [Double]) {
            let sorted = values.sorted()
            guard let lowest = sorted.first, let highest = sorted.last else { return nil }
            self.lowest = lowest
            self.highest = highest
            median = sorted[(sorted.count - 1) / 2]
        }
    }

    /// A name and its number of samples.
    public struct Count: Sendable, Hashable {
        public let name: String
        public let count: Int
    }

    /// Number of samples without degraded copies.
    public let sampleCount: Int
    /// Number of degraded copies.
    public let degradedCount: Int
    /// Groups in descending order of size, then by name.
    public let groups: [Count]
    /// Number of samples without a group.
    public let ungroupedCount: Int
    private let values: [ContainerProperty: [ContainerProperty.Value]]

    public init(_ origins: [SampleOrigin]) {
        let originals = origins.filter { !$0.annotations.isDegraded }
        sampleCount = originals.count
        degradedCount = origins.count - originals.count
        groups = Self.counts(originals.compactMap(\.annotations.group))
        ungroupedCount = originals.count { $0.annotations.group == nil }
        values = Dictionary(
            uniqueKeysWithValues: ContainerProperty.allCases.map { property in
                (property, originals.compactMap { property.value(of: $0) })
            })
    }

    /// The known values of a property, in the order of the samples.
    public func values(of property: ContainerProperty) -> [ContainerProperty.Value] {
        values[property] ?? []
    }

    /// Minimum, median and maximum of a property; nil for words, and if no value is known.
    public func span(of property: ContainerProperty) -> Span? {
        Span(
            values(of: property).compactMap { value in
                if case .number(let number) = value { number } else { nil }
            })
    }

    /// The words of a property in descending order of frequency, then by name.
    public func categories(of property: ContainerProperty) -> [Count] {
        Self.counts(
            values(of: property).compactMap { value in
                if case .word(let word) = value { word } else { nil }
            })
    }

    private static func counts(_ names: [String]) -> [Count] {
        Dictionary(names.map { (ByteString($0), 1) }, uniquingKeysWith: +)
            .map { Count(name: $0.key.text, count: $0.value) }
            .sorted { ($1.count, ByteString($0.name)) < ($0.count, ByteString($1.name)) }
    }
}

extension SideStatistics: CustomStringConvertible {
    /// Two lines: numbers of samples and groups, then the properties.
    public var description: String {
        func counted(_ count: Int, _ noun: String) -> String {
            "\(count) \(noun)\(count == 1 ? "" : "s")"
        }
        var first = counted(sampleCount, "sample")
        let kinds = categories(of: .kind)
        if !kinds.isEmpty {
            first += " (\(kinds.map { counted($0.count, $0.name) }.joined(separator: ", ")))"
        }
        first += groups.isEmpty ? ", no groups" : ", \(counted(groups.count, "group"))"
        let largest = groups.prefix(3).filter { $0.count > 1 }
        if !largest.isEmpty {
            let list = largest.map { "\($0.name): \($0.count)" }.joined(separator: ", ")
            first += " (\(list)\(groups.count > largest.count ? ", …" : ""))"
        }
        if !groups.isEmpty, ungroupedCount > 0 {
            first += ", \(counted(ungroupedCount, "sample")) without a group"
        }
        if degradedCount > 0 {
            first += ", \(degradedCount) degraded \(degradedCount == 1 ? "copy" : "copies")"
        }
        let properties = ContainerProperty.allCases.filter { $0 != .kind }
        return first + "\n  " + properties.map(summary).joined(separator: "; ")
    }

    /// A property as text: `frame rate 24 fps (8 to 60)`, `codec h264 97 %, hevc 3 %`.
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
            text += categories(of: property).prefix(3).map { word in
                "\(word.name) \(Int((100 * Double(word.count) / Double(known)).rounded())) %"
            }.joined(separator: ", ")
        }
        return text
    }
}
