/// A user's command as a step of a round.
public struct CommandStep: Sendable, Hashable {
    public var command: CommandTemplate
    /// How long it may run; nil: as long as it likes.
    public var timeout: Duration?
    /// Whether it goes on with what it left when it was stopped; else its outputs are removed before it is
    /// started again.
    public var isResumable: Bool

    public init(command: CommandTemplate, timeout: Duration? = nil, isResumable: Bool = false) {
        self.command = command
        self.timeout = timeout
        self.isResumable = isResumable
    }
}
