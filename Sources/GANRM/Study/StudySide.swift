/// Where something is shown.
public enum StudySide: String, Sendable, Hashable {
    case left, right

    var other: StudySide { self == .left ? .right : .left }
}
