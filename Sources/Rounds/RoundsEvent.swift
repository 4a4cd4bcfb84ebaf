/// A progress event of a run.
public enum RoundsEvent: Sendable {
    /// A step begins; `name` has the form `round 0: generate`.
    case began(name: String)
    /// A run resumes; the first `done` steps are finished.
    case resumed(done: Int)
    /// Something that the user may want to change.
    case warning(String)
    /// An input was encoded: the count so far and the total.
    case encoded(Int, of: Int)
    /// A step of the head's training.
    case trained(step: Int, of: Int, loss: Double)
}
