/// What a pull is doing, for a progress bar or a log.
public enum PullEvent: Sendable, Hashable {
    /// Another process pulls the same model; this one waits for it.
    case waiting
    case connecting(url: String)
    /// Bytes so far, including those of an earlier attempt, of a total that may be unknown.
    case receiving(byteCount: Int, total: Int?)
    case retrying(reason: String, afterSeconds: Double)
    /// pip runs; it has no progress to report.
    case runningPip(package: String)
    /// A wheel is being opened.
    case unpacking
    case verifying
    case converting
}
