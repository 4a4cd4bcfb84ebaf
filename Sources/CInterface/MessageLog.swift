import CGANRM

/// The caller's log callback; without one, messages are discarded.
///
/// `@unchecked Sendable`: the callback runs on any thread that is inside the library, and the
/// header makes its thread safety the caller's responsibility.
struct MessageLog: @unchecked Sendable {
    private let callback: ganrm_log_callback?
    private let opaque: UnsafeMutableRawPointer?

    init(_ settings: ganrm_model_settings) {
        callback = settings.log
        opaque = settings.log_opaque
    }

    func write(_ level: Int, _ message: String) {
        callback?(opaque, CInt(level), message)
    }
}
