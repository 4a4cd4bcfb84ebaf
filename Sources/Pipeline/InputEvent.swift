/// Progress of a call that reads many inputs.
public enum InputEvent: Sendable {
    /// The first input follows; the number of inputs, nil if it is unknown.
    case began(total: Int?)
    /// An input is done; the failure is one sentence, nil if there is none.
    case ended(Request, failure: String?)
}
