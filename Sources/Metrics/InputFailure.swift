/// Why an input has no values.
struct InputFailure: Error {
    var reason: String
}
