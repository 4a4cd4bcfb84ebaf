/// Why a weight file was refused.
public enum TensorError: Error, Equatable {
    case unreadable(path: String, reason: String)
    case unwritable(path: String, reason: String)
    /// The container is none that is known, or one that is refused on purpose.
    case unknownContainer(path: String, reason: String)
    /// The container contradicts itself or is cut off; `place` names the tensor or part.
    case malformed(path: String, place: String, reason: String)
    /// A checkpoint asks for a Python class or function that weights have no use for.
    case refusedGlobal(path: String, global: String)
}

extension TensorError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .unreadable(let path, let reason): "cannot read '\(path)': \(reason)"
        case .unwritable(let path, let reason): "cannot write '\(path)': \(reason)"
        case .unknownContainer(let path, let reason): "'\(path)' \(reason)"
        case .malformed(let path, let place, let reason):
            "'\(path)' is damaged or hostile at \(place): \(reason)"
        case .refusedGlobal(let path, let global):
            """
            '\(path)' asks for the Python object '\(global)', which could run code and is not \
            needed for weights; if you trust the file, save its weights alone with: python3 -c \
            "import torch; torch.save(torch.load('x.pth', map_location='cpu', \
            weights_only=False)['model'], 'y.pth')"
            """
        }
    }
}
