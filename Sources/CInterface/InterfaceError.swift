/// An error of a C function: the returned code and the text of `ganrm_message()`.
struct InterfaceError: Error {
    /// A negative code: `GANRM_ERROR_…`.
    var code: Int
    /// One sentence in UTF-8.
    var message: String
}
