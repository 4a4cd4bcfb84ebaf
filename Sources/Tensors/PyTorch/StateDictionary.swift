/// The state dict of an unpickled checkpoint: tensors by name.
///
/// Other data of the training script is left out: if the root dictionary has a key such as `model`
/// whose value is a dictionary, that is the state dict, recursively. Keys of nested dictionaries
/// and TorchScript modules are joined with dots, as in PyTorch's parameter names.
struct StateDictionary {
    /// Larger than the depth of any module tree; a malicious one may contain itself.
    static let depthLimit = 32
    /// Longest name, in bytes; PyTorch's have fewer than a hundred.
    static let nameLimit = 1024
    /// Maximum number of visited items, as a multiple of all dictionaries' items: modules that are
    /// shared are visited once for each name.
    static let visitFactor = 4
    /// Maximum length of all names together, in bytes per item. Those of a TorchScript archive,
    /// whose keys are the parts of names, have 50.
    static let nameBytesPerItem = 256
    /// Items that any checkpoint may have besides.
    static let itemAllowance = 1024

    /// Indices in `Pickle.tensors` by name; nil if a limit is exceeded.
    let tensors: [String: Int]?

    init(of pickle: Pickle, preferring stateKeys: [String]) {
        let itemCount = pickle.dictionaries.reduce(Self.itemAllowance) { $0 + $1.count }
        var collector = Collector(
            pickle: pickle, visitBudget: Self.visitFactor * itemCount,
            nameBudget: Self.nameBytesPerItem * itemCount)
        var root = pickle.root
        descent: for _ in 0..<Self.depthLimit {
            guard case .dictionary(let index) = root else { break }
            let items = pickle.dictionaries[index]
            collector.visitBudget -= items.count
            guard collector.visitBudget >= 0 else { break }
            for key in stateKeys {
                let value = items.last { $0.key.isText(key) }?.value
                if case .dictionary? = value, let value {
                    root = value
                    continue descent
                }
            }
            break
        }
        tensors = collector.collect(root, name: "", depth: 0) ? collector.tensors : nil
    }

    private struct Collector {
        let pickle: Pickle
        var tensors: [String: Int] = [:]
        /// Remaining items to visit.
        var visitBudget: Int
        /// Remaining bytes of names.
        var nameBudget: Int

        /// Returns false if a limit is exceeded.
        mutating func collect(_ value: Pickle.Value, name: String, depth: Int) -> Bool {
            guard depth < depthLimit, name.utf8.count < nameLimit else { return false }
            switch value {
            case .tensor(let index):
                nameBudget -= name.utf8.count
                guard nameBudget >= 0 else { return false }
                tensors[name] = index
            case .dictionary(let index):
                for (key, value) in pickle.dictionaries[index] {
                    visitBudget -= 1
                    guard visitBudget >= 0 else { return false }
                    guard case .text(let key) = key else { continue }
                    let inner = name.isEmpty ? key : name + "." + key
                    guard collect(value, name: inner, depth: depth + 1) else { return false }
                }
            default: break
            }
            return true
        }
    }
}

extension Pickle.Value {
    fileprivate func isText(_ text: String) -> Bool {
        guard case .text(let value) = self else { return false }
        return value == text
    }
}
