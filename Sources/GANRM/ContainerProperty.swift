import Frames
import Media

/// What two samples may differ in without differing in what they show.
public enum ContainerProperty: String, Sendable, Hashable, CaseIterable {
    case kind = "kind"
    case codec = "codec"
    case shortSide = "short side"
    case aspectRatio = "aspect ratio"
    case frameRate = "frame rate"
    case frameCount = "frames"
    case duration = "length"

    /// What a sample has of it.
    public enum Value: Sendable, Hashable {
        case number(Double)
        case word(String)
    }

    /// Nil if the origin does not say; a picture has no time axis.
    public func value(of origin: SampleOrigin) -> Value? {
        let isPicture = origin.kind == .image
        switch self {
        case .kind:
            return origin.kind.map { .word($0 == .image ? "picture" : "video") }
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
            return isPicture ? nil : Self.rounded(origin.frameRate)
        case .frameCount:
            return isPicture ? nil : origin.frameCount.map { .number(Double($0)) }
        case .duration:
            return isPicture ? nil : Self.rounded(origin.durationSeconds)
        }
    }

    /// To thousandths: containers round times, which makes no two videos different.
    private static func rounded(_ number: Double?) -> Value? {
        number.map { .number(($0 * 1000).rounded() / 1000) }
    }

    /// What follows a number, with a space before it.
    var unit: String {
        switch self {
        case .kind, .codec, .aspectRatio, .frameCount: ""
        case .shortSide: " pixels"
        case .frameRate: " fps"
        case .duration: " s"
        }
    }

    /// At most two decimals, none that are zero.
    func decimals(_ number: Double) -> String {
        let rounded = (number * 100).rounded() / 100
        return rounded == rounded.rounded() && abs(rounded) < 1e15
            ? "\(Int(rounded))" : "\(rounded)"
    }
}
