public import Files

/// Errors of reading or writing weight files.
public enum TensorError: Error, Equatable {
    case file(FileError)
    /// The file format is unknown or unsupported.
    case unknownContainer(path: String, reason: String)
    /// The file is inconsistent or truncated; `location` is a tensor or another part.
    case malformed(path: String, location: String, reason: String)
    /// There is not enough memory to read the file.
    case outOfMemory(path: String)
    /// A checkpoint imports a Python class or function that is not on the allowlist.
    case forbiddenGlobal(path: String, global: String)
}

extension TensorError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .file(let error): error.description
        case .unknownContainer(let path, let reason): "'\(path)' \(reason)"
        case .malformed(let path, let location, let reason):
            "'\(path)' is damaged or hostile at \(location): \(reason)"
        case .outOfMemory(let path): "there is not enough memory to read '\(path)'"
        case .forbiddenGlobal(let path, let global):
            """
            '\(path)' asks for the Python object '\(global)', which could run code and is not \
            needed for weights; if you trust the file, save its weights alone with: python3 -c \
            "import torch; torch.save(torch.load('x.pth', map_location='cpu', \
            weights_only=False)['model'], 'y.pth')"
            """
        }
    }
}
