/// The names that a family of checkpoints gives to the tensors of a transformer, for vision or for text.
///
/// A new scheme is one file with a static member, and one row in `vision` or `text`.
struct WeightScheme: Sendable {
    /// The schemes of vision transformers. If several fit a file equally well, the first is used.
    static let vision: [WeightScheme] = [.huggingFaceCLIP, .openAI, .dinov2, .dino]
    /// The schemes of text transformers.
    static let text: [WeightScheme] = [.huggingFaceCLIPText, .openAIText]

    /// A tensor name by which the scheme is recognised.
    let marker: String
    /// Further tensors that must exist for the marker to be valid.
    let companions: [String]
    /// Prefix of a block's index.
    let blocks: String
    /// Canonical name, without the block, → alternative names. A name without its last component
    /// stands for all tensors of a module. What is not listed keeps its canonical name.
    let names: [String: [String]]
    /// Canonical name → name of a tensor that lies beside the encoder instead of in it.
    var siblings: [String: String] = [:]
    /// Canonical names of matrices that are stored as `[in, out]`.
    var transposed: Set<String> = []
    /// Whether query, key and value are thirds of one tensor, in this order.
    var fusesProjections = false
    /// Tensors of the encoder that embeddings do not depend on; a name with a dot at its end stands for all
    /// tensors below it.
    let unneeded: [String]
    /// Prefix of the encoder's tensor names in a file, such as `vision_model.`; may be empty. Every
    /// tensor under it must be known; others (text towers, classifiers) are ignored.
    var prefix = ""

    /// The location of a canonical tensor: alternative names, which third of the tensor if it is a
    /// fused query-key-value projection, and whether it is stored transposed.
    struct Source {
        var names: [String]
        var third: Int?
        var isTransposed: Bool
    }

    /// The one of `schemes` that fits a file's tensor names, with the shortest prefix; nil if none does.
    static func recognise(_ names: some Sequence<String>, among schemes: [WeightScheme])
        -> WeightScheme?
    {
        let names = Set(names)
        var candidates: [WeightScheme] = []
        for var scheme in schemes {
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
        let isTransposed = transposed.contains(canonicalName)
        if let sibling = siblings[canonicalName] {
            // Without the last component, `vision_model.`.
            let parent = prefix.split(separator: ".").dropLast().map { $0 + "." }.joined()
            return Source(names: [parent + sibling], third: nil, isTransposed: isTransposed)
        }
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
            third: fusesProjections ? ["query", "key", "value"].firstIndex(of: module) : nil,
            isTransposed: isTransposed)
    }

    /// Whether a tensor under the prefix is known but not needed.
    func ignores(_ name: String) -> Bool {
        unneeded.contains { $0.hasSuffix(".") ? name.hasPrefix(prefix + $0) : prefix + $0 == name }
    }
}
