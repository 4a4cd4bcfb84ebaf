/// What an input is: decides which encoder sees it.
public enum MediaKind: String, Sendable, Hashable, Codable, CaseIterable, CodingKeyRepresentable {
    /// One picture: a still, or an animation format that holds a single frame.
    case image
    /// Anything with a time axis, even if it has one frame only.
    case video
}
