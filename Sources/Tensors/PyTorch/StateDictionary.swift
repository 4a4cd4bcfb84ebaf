/// The state dict of an unpickled checkpoint: tensors by name.
///
/// Other data of the training script is left out: if the root dictionary has a key such as `model`
/// whose value is a dictionary, that is the state dict, recursively. Keys of nested dictionaries
/// and TorchScript modules are joined with dots, as in PyTorch's parameter names.
struct StateDictionary {
    /// Larger than the depth of any module tree; a malicious one may contain itself.
    private static let depthLimit = 32
    private static let visitLimit = 100_000
    private static let nameLimit = 1024

    /// Indices in `Pickle.tensors` by name; nil if a limit is exceeded.
    let tensors: [String: Int]?

    init(of pickle: Pickle, preferring stateKeys: [String]) {
        var root = pickle.root
        descent: for _ in 0..<Self.depthLimit {
            guard case .dictionary(let index) = root else { break }
            for key in stateKeys {
                let value = pickle.dictionaries[index].last { $0.key.isText(key) }?.value
                if case .dictionary? = value, let value {
                    root = value
                    continue descent
                }
            }
            break
        }
        var collector = Collector(pickle: pickle)
        tensors = collector.collect(root, name: "", depth: 0) ? collector.tensors : nil
    }

    private struct Collector {
        let pickle: Pickle
        var tensors: [String: Int] = [:]
        var visitCount = 0

        /// Returns false if a limit is exceeded.
        mutating func collect(_ value: Pickle.Value, name: String, depth: Int) -> Bool {
            visitCount += 1
            guard depth < depthLimit, visitCount < visitLimit, name.utf8.count < nameLimit
            else { return false }
            switch value {
            case .tensor(let index): tensors[name] = index
            case .dictionary(let index):
                for (key, value) in pickle.dictionaries[index] {
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
