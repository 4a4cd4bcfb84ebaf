/// How the values of a video's frames become one value, for metrics of pictures.
public enum FramePooling: String, Sendable, Hashable, CaseIterable {
    case mean, first, last, least

    /// - Precondition: There is a value.
    func value(of values: [Double]) -> Double {
        precondition(!values.isEmpty)
        return switch self {
        case .mean: values.reduce(0, +) / Double(values.count)
        case .first: values[0]
        case .last: values[values.count - 1]
        case .least: values.reduce(.infinity, min)
        }
    }
}
