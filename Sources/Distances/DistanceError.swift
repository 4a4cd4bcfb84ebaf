public import Tensors

/// Errors of distances between sets of features, and of files of their statistics.
public enum DistanceError: Error, Equatable {
    /// A file of statistics cannot be read or written.
    case file(TensorError)
    /// A file is no valid file of statistics.
    case badStatistics(path: String, reason: String)
    /// Two sets of features have no distance.
    case noDistance(reason: String)
    /// A setting is out of its range.
    case badSetting(name: String, requirement: String)
    /// There is not enough memory for features of this length.
    case outOfMemory(dimension: Int)
}

extension DistanceError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .file(let error): error.description
        case .badStatistics(let path, let reason):
            "'\(path)' has no usable statistics of features: \(reason)"
        case .noDistance(let reason): "there is no distance to take: \(reason)"
        case .badSetting(let name, let requirement): "setting '\(name)' must be \(requirement)"
        case .outOfMemory(let dimension):
            "there is not enough memory for a covariance of \(dimension) × \(dimension) values"
        }
    }
}
