import Frames

/// A degradation and its strength: it lowers the quality of a clip and keeps its content.
public struct Degradation: Sendable, Hashable {
    /// What degrades the frames.
    public enum Operation: Sendable, Hashable {
        case kind(Kind)
        /// A custom filter graph as for `ffmpeg -vf`, with the placeholders of `FrameFiltering`.
        case filters(String)
    }

    public static let strengths = 1...5

    public var operation: Operation
    /// Strength, 1 to 5: larger values count as 5, and 0 means no degradation. Custom filters
    /// always have strength 5.
    public var strength: Int
    /// Selects the variant of the kind and seeds noise and shuffling. The variant does not depend
    /// on the strength.
    public var seed: UInt32

    public init(kind: Kind, strength: Int, seed: UInt32 = 0) {
        operation = .kind(kind)
        self.strength = strength
        self.seed = seed
    }

    public init(filters: String) {
        operation = .filters(filters)
        strength = Self.strengths.upperBound
        seed = 0
    }

    /// The kind; nil for custom filters.
    public var kind: Kind? {
        if case .kind(let kind) = operation { kind } else { nil }
    }

    /// The name in result rows: the kind, or the custom filters.
    public var name: String {
        switch operation {
        case .kind(let kind): kind.rawValue
        case .filters(let filters): filters
        }
    }

    /// The degradation, then H.264 with CRF 20: the compression artefacts do not reveal the filter.
    public var filtering: FrameFiltering {
        FrameFiltering((strength > 0 ? [step] : []) + [.encode(.h264(crf: 20))])
    }

    private var step: FrameFiltering.Step {
        switch operation {
        case .kind(let kind): kind.step(self)
        case .filters(let filters): .filters(filters)
        }
    }

    /// The value for the strength, of one for each of `strengths`.
    func byStrength<Value>(_ values: Value...) -> Value {
        values[Self.strengths.clamp(strength) - 1]
    }

    /// A filter expression for a pseudo-random value in −1...1 that differs in each frame.
    ///
    /// - Parameters:
    ///   - stream: Index of the random sequence.
    ///   - frame: The filter's variable for the frame index.
    func random(_ stream: Int, frame: String = "n") -> String {
        "sin(\(frame)*\(37.719 + 13.137 * Double(stream))+\(seed % 1000))"
    }
}
