extension DecodingError {
    /// The reason as a clause that names the key, such as `'configuration.width' is missing`.
    package var reason: String {
        func path(_ keys: [any CodingKey]) -> String {
            keys.map(\.stringValue).joined(separator: ".")
        }
        switch self {
        case .keyNotFound(let key, let context):
            return "'\(path(context.codingPath + [key]))' is missing"
        case .typeMismatch(_, let context), .valueNotFound(_, let context),
            .dataCorrupted(let context):
            return context.codingPath.isEmpty
                ? "it is not a JSON object of this kind"
                : "'\(path(context.codingPath))' is not what it should be"
        @unknown default:
            return "it is not what it should be"
        }
    }
}
