/// The kind of input that an encoder of a reward model serves.
public enum MediaRole: String, Codable, Sendable, Hashable, CaseIterable, CodingKeyRepresentable {
    case image
    case video
}
