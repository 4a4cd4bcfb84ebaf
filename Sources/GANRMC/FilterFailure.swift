/// What a C function reports instead of throwing.
struct FilterFailure: Error {
    /// One of the header's negative codes.
    var code: Int
    var message: String
}
