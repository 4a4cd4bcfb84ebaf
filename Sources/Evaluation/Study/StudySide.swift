/// The side of the page on which a sample is shown.
public enum StudySide: String, Sendable, Hashable {
    case left, right

    package var other: StudySide { self == .left ? .right : .left }
}
