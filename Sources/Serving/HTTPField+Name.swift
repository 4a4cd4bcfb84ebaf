import HTTPTypes

extension HTTPField.Name {
    /// The name of a header that the program knows.
    static func name(_ text: StaticString) -> HTTPField.Name {
        guard let name = HTTPField.Name("\(text)") else {
            preconditionFailure("'\(text)' is no name of a header")
        }
        return name
    }
}
