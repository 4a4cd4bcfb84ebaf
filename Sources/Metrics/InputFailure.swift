/// Why an input has no values.
package struct InputFailure: Error {
    package var reason: String
}
