/// The tensors of an unpickled checkpoint by name.
///
/// What the training program kept beside them is left out: if the outermost dictionary has a key
/// such as `model` that holds a dictionary, that is the state dict, and so on inwards. Dictionaries
/// and TorchScript modules within are joined with dots, as PyTorch names parameters.
struct StateDictionary {
    /// No module tree is as deep, and a hostile one may hold itself.
    private static let depthLimit = 32
    private static let visitLimit = 100_000
    private static let nameLimit = 1024

    /// Rows of `Pickle.tensors`, or nil if names or nesting have no end.
    let tensors: [String: Int]?

    init(of pickle: Pickle, preferring stateKeys: [String]) {
        var root = pickle.root
        descent: for _ in 0..<Self.depthLimit {
            guard case .dictionary(let row) = root else { break }
            for key in stateKeys {
                let value = pickle.dictionaries[row].last { $0.key.isText(key) }?.value
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

        /// False if the limits are passed.
        mutating func collect(_ value: Pickle.Value, name: String, depth: Int) -> Bool {
            visitCount += 1
            guard depth < depthLimit, visitCount < visitLimit, name.utf8.count < nameLimit
            else { return false }
            switch value {
            case .tensor(let row): tensors[name] = row
            case .dictionary(let row):
                for (key, value) in pickle.dictionaries[row] {
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
        guard case .text(let own) = self else { return false }
        return own == text
    }
}
