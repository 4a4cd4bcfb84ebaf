public import Media
public import TextFormats

/// What a list says about a sample for trainings and evaluations: keys of its request, which are
/// copied to its result row and to the row of its embedding.
public struct SampleAnnotations: Sendable, Hashable {
    /// The keys, in the order in which they are written.
    public enum Key: String, Sendable, Hashable, CaseIterable {
        case group, weight
        case isDegraded = "perturbed"
        case original = "of"
        case degradationKind = "kind_of_damage"
        case strength, degradation, label
    }

    /// The source, prompt or repository; samples of a group stay in one part of a split. A value
    /// that is not a string is written as JSON.
    public var group: String?
    /// Weight of the sample's loss.
    public var weight: Double?
    /// Whether the sample is a degraded copy of another one.
    public var isDegraded: Bool
    /// The input of which a degraded copy was made.
    public var original: String?
    /// `Degradation.name` of a degraded copy.
    public var degradationKind: String?
    /// `Degradation.strength` of a degraded copy.
    public var strength: Int?
    /// The degradation of the frames before they are embedded.
    public var degradation: Degradation?
    /// 1 for proxy, 0 for generated; values between are soft labels.
    public var label: Double?
    /// Those of the keys `label` and `degradation` whose value cannot be read.
    public private(set) var invalidKeys: Set<Key> = []

    /// Why the sample cannot be used in a training or an evaluation: a label or a weight that is no
    /// number in its range. A value of null is none.
    public private(set) var problem: String?

    /// The range of weights, above 0.
    private static let largestWeight = 1e6

    public init(
        group: String? = nil, weight: Double? = nil, isDegraded: Bool = false,
        original: String? = nil, degradationKind: String? = nil, strength: Int? = nil,
        degradation: Degradation? = nil, label: Double? = nil
    ) {
        self.group = group
        self.weight = weight
        self.isDegraded = isDegraded
        self.original = original
        self.degradationKind = degradationKind
        self.strength = strength
        self.degradation = degradation
        self.label = label
    }

    /// Reads the keys of a JSON object; other keys are ignored.
    public init(row: JSONValue) {
        func value(_ key: Key) -> JSONValue? { row[key.rawValue] }
        group = value(.group)?.name
        weight = value(.weight)?.doubleValue
        isDegraded = value(.isDegraded) == .bool(true)
        original = value(.original)?.stringValue
        degradationKind = value(.degradationKind)?.stringValue
        strength = value(.strength)?.integerValue
        degradation = value(.degradation).flatMap(Degradation.init(json:))
        label = value(.label)?.doubleValue
        if degradation == nil && value(.degradation) != nil { invalidKeys.insert(.degradation) }
        if label == nil && value(.label) != nil { invalidKeys.insert(.label) }
        func isInvalid(_ key: Key, _ isValid: (Double) -> Bool) -> Bool {
            guard let value = value(key), value != .null else { return false }
            return !(value.doubleValue.map(isValid) ?? false)
        }
        if isInvalid(.label, (0...1).contains) {
            problem = "the label is not a number from 0 to 1"
        } else if isInvalid(.weight, { $0 > 0 && $0 <= Self.largestWeight }) {
            problem = "the weight is not a number above 0, at most 1e6"
        }
    }

    /// The keys that have a value, and their values.
    public var members: [JSONValue.Member] {
        Key.allCases.compactMap { key in
            value(of: key).map { JSONValue.Member(key.rawValue, $0) }
        }
    }

    private func value(of key: Key) -> JSONValue? {
        switch key {
        case .group: group.map { .string($0) }
        case .weight: weight.map { .number($0) }
        case .isDegraded: isDegraded ? .bool(true) : nil
        case .original: original.map { .string($0) }
        case .degradationKind: degradationKind.map { .string($0) }
        case .strength: strength.map { .integer($0) }
        case .degradation: degradation?.json
        case .label: label.map { .number($0) }
        }
    }
}

extension Request {
    /// The annotations among the request's extra keys.
    public var annotations: SampleAnnotations { SampleAnnotations(row: .object(extras)) }

    /// Appends annotations to the extra keys, where they replace those of the same key.
    public mutating func annotate(_ annotations: SampleAnnotations) {
        let members = annotations.members
        let keys = Set(members.map(\.key))
        extras.removeAll { keys.contains($0.key) }
        extras += members
    }
}
