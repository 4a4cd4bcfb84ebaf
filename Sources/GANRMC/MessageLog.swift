import CGANRM

/// A program's log callback; does nothing without one.
///
/// The program vouches for it: it is called in whatever thread is in the library.
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
