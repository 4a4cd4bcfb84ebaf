/// How a family of checkpoints names a vision transformer's tensors.
///
/// Inside the encoder's own prefix every tensor must be known; what stands outside it (text
/// towers, classifiers) belongs to somebody else and is ignored.
struct WeightScheme: Sendable {
    /// Where a canonical tensor is found: under one of several names, whole or one of three
    /// equal parts (a fused query-key-value projection).
    struct Source {
        var names: [String]
        var third: Int?
    }

    let family: WeightSchemeFamily
    /// What stands before every name of the encoder, such as `vision_model.`; may be empty.
    let prefix: String

    /// Recognises the scheme by a tensor that only it has; nil if none fits.
    ///
    /// Of several fitting prefixes the shortest wins.
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

    /// A family's own names, as if the encoder were alone in its file unless a prefix is given.
    init(family: WeightSchemeFamily, prefix: String = "") {
        self.family = family
        self.prefix = prefix
    }

    /// Where the tensor with this canonical name is found.
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

    /// Whether a tensor inside the prefix is known and not needed.
    func ignores(_ name: String) -> Bool {
        family.unneeded.contains { prefix + $0 == name }
    }
}
