/// The tensor names of a vision transformer in a family of checkpoints.
///
/// Every tensor under the encoder's prefix must be known; others (text towers, classifiers) are
/// ignored.
struct WeightScheme: Sendable {
    /// The location of a canonical tensor: alternative names, and which third of the tensor if it
    /// is a fused query-key-value projection.
    struct Source {
        var names: [String]
        var third: Int?
    }

    let family: WeightSchemeFamily
    /// Prefix of the encoder's tensor names, such as `vision_model.`; may be empty.
    let prefix: String

    /// Recognises the scheme by a tensor name that is unique to it; nil if there is none.
    ///
    /// If several prefixes match, the shortest is taken.
    init?(recognising names: some Sequence<String>) {
        let names = Set(names)
        var candidates: [WeightScheme] = []
        for family in WeightSchemeFamily.allCases {
            for name in names where name.hasSuffix(family.marker) {
                let prefix = String(name.dropLast(family.marker.count))
                guard prefix.isEmpty || prefix.hasSuffix(".") else { continue }
                guard family.companions.allSatisfy({ names.contains(prefix + $0) }) else {
                    continue
                }
                candidates.append(WeightScheme(family: family, prefix: prefix))
            }
        }
        let best = candidates.min {
            ($0.prefix.count, $0.prefix) < ($1.prefix.count, $1.prefix)
        }
        guard let best else { return nil }
        self = best
    }

    /// A family's names with a prefix, which is empty if a file contains the encoder alone.
    init(family: WeightSchemeFamily, prefix: String = "") {
        self.family = family
        self.prefix = prefix
    }

    /// The location of the tensor with a canonical name.
    func source(of canonicalName: String) -> Source {
        var names: [String]
        var third: Int?
        let parts = canonicalName.split(separator: ".").map(String.init)
        if parts.count == 4, parts[0] == "blocks" {
            let (role, kind) = (parts[2], parts[3])
            (names, third) = family.blockNames(role: role, kind: kind)
            names = names.map { "\(family.blocks).\(parts[1]).\($0)" }
        } else {
            names = [family.name(of: canonicalName)]
        }
        return Source(names: names.map { prefix + $0 }, third: third)
    }

    /// Whether a tensor under the prefix is known but not needed.
    func ignores(_ name: String) -> Bool {
        family.unneeded.contains { prefix + $0 == name }
    }
}
