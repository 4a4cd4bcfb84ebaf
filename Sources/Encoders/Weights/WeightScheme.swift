/// The names that a family of checkpoints gives to a vision transformer's tensors.
///
/// A new scheme is one file with a static member, and one row in `all`.
struct WeightScheme: Sendable {
    /// The supported schemes. If several fit a file equally well, the first is used.
    static let all: [WeightScheme] = [.huggingFaceCLIP, .openAI, .dinov2]

    /// A tensor name by which the scheme is recognised.
    let marker: String
    /// Further tensors that must exist for the marker to be valid.
    let companions: [String]
    /// Prefix of a block's index.
    let blocks: String
    /// Canonical name, without the block, → alternative names. A name without its last component
    /// stands for all tensors of a module. What is not listed keeps its canonical name.
    let names: [String: [String]]
    /// Whether query, key and value are thirds of one tensor, in this order.
    var fusesProjections = false
    /// Tensors of the encoder that embeddings do not depend on.
    let unneeded: [String]
    /// Prefix of the encoder's tensor names in a file, such as `vision_model.`; may be empty. Every
    /// tensor under it must be known; others (text towers, classifiers) are ignored.
    var prefix = ""

    /// The location of a canonical tensor: alternative names, and which third of the tensor if it
    /// is a fused query-key-value projection.
    struct Source {
        var names: [String]
        var third: Int?
    }

    /// The scheme of a file's tensor names, with the shortest prefix that fits; nil if there is none.
    static func recognise(_ names: some Sequence<String>) -> WeightScheme? {
        let names = Set(names)
        var candidates: [WeightScheme] = []
        for var scheme in all {
            for name in names where name.hasSuffix(scheme.marker) {
                scheme.prefix = String(name.dropLast(scheme.marker.count))
                guard scheme.prefix.isEmpty || scheme.prefix.hasSuffix("."),
                    scheme.companions.allSatisfy({ names.contains(scheme.prefix + $0) })
                else { continue }
                candidates.append(scheme)
            }
        }
        return candidates.min {
            ($0.prefix.count, $0.prefix) < ($1.prefix.count, $1.prefix)
        }
    }

    /// The location of the tensor with a canonical name.
    func source(of canonicalName: String) -> Source {
        var path = prefix
        var parts = canonicalName.split(separator: ".").map(String.init)
        if parts[0] == "blocks" {
            path += "\(blocks).\(parts[1])."
            parts.removeFirst(2)
        }
        let module = parts[0]
        let rest = parts.dropFirst().map { ".\($0)" }.joined()
        let found = names[module + rest] ?? (names[module] ?? [module]).map { $0 + rest }
        return Source(
            names: found.map { path + $0 },
            third: fusesProjections ? ["query", "key", "value"].firstIndex(of: module) : nil)
    }

    /// Whether a tensor under the prefix is known but not needed.
    func ignores(_ name: String) -> Bool {
        unneeded.contains { prefix + $0 == name }
    }
}
