/// A user-supplied command that runs as one step of a round.
public struct CommandStep: Sendable, Hashable {
    public var command: CommandTemplate
    /// Time limit; nil for no limit.
    public var timeout: Duration?
    /// Whether an interrupted command continues from its partial outputs. Otherwise these are removed
    /// before it is restarted.
    public var isResumable: Bool

    public init(command: CommandTemplate, timeout: Duration? = nil, isResumable: Bool = false) {
        self.command = command
        self.timeout = timeout
        self.isResumable = isResumable
    }
}
