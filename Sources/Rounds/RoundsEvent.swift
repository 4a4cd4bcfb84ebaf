/// What a run tells while it works.
public enum RoundsEvent: Sendable {
    /// A step begins. `name`: as `round 0: generate`.
    case began(name: String)
    /// What was done before is not done again.
    case resumed(done: Int)
    /// Something that the user may want to change.
    case warning(String)
    /// An input was encoded, of so many.
    case encoded(Int, of: Int)
    /// A step of the head's training.
    case trained(step: Int, of: Int, loss: Double)
}
