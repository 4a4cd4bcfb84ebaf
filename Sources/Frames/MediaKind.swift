/// The kind of an input, which selects its encoder.
public enum MediaKind: String, Sendable, Hashable, Codable, CaseIterable, CodingKeyRepresentable {
    /// A single image: a still, or an animation format with a single frame.
    case image
    /// Anything with a time axis, even if it has only one frame.
    case video
}
