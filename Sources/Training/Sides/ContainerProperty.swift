import Frames
import Media
public import Pipeline

/// A property of a sample's file that is independent of its content.
public enum ContainerProperty: String, Sendable, Hashable, CaseIterable {
    case kind = "kind"
    case codec = "codec"
    case shortSide = "short side"
    case aspectRatio = "aspect ratio"
    case frameRate = "frame rate"
    case frameCount = "frames"
    case duration = "length"

    /// The property's value for one sample.
    public enum Value: Sendable, Hashable {
        case number(Double)
        case word(String)
    }

    /// The property's value for a sample.
    ///
    /// - Returns: Nil if the origin does not record it. Images have no frame rate, frame count or
    ///   duration.
    public func value(of origin: SampleOrigin) -> Value? {
        let isImage = origin.kind == .image
        switch self {
        case .kind:
            return origin.kind.map { .word($0 == .image ? "image" : "video") }
        case .codec:
            return origin.codec.map { .word($0) }
        case .shortSide:
            guard let width = origin.width, let height = origin.height else { return nil }
            return .number(Double(min(width, height)))
        case .aspectRatio:
            guard let width = origin.width, let height = origin.height, height > 0 else {
                return nil
            }
            return .number(Double(width) / Double(height))
        case .frameRate:
            return isImage ? nil : Self.rounded(origin.frameRate)
        case .frameCount:
            return isImage ? nil : origin.frameCount.map { .number(Double($0)) }
        case .duration:
            return isImage ? nil : Self.rounded(origin.durationSeconds)
        }
    }

    /// Rounds to thousandths, since containers round times and equal videos should compare equal.
    private static func rounded(_ value: Double?) -> Value? {
        value.map { .number(($0 * 1000).rounded() / 1000) }
    }

    /// The unit that follows a value in text, with a leading space; empty if there is none.
    var unit: String {
        switch self {
        case .kind, .codec, .aspectRatio, .frameCount: ""
        case .shortSide: " pixels"
        case .frameRate: " fps"
        case .duration: " s"
        }
    }

    /// Formats a value with at most two decimals and without trailing zeros.
    func decimals(_ value: Double) -> String {
        let rounded = (value * 100).rounded() / 100
        return rounded == rounded.rounded() && abs(rounded) < 1e15
            ? "\(Int(rounded))" : "\(rounded)"
    }
}
