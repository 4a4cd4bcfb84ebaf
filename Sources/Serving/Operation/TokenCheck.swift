import Foundation
import HTTPTypes
import Hummingbird
import TextFormats

/// Refuses requests without the token.
struct TokenCheck: RouterMiddleware {
    typealias Context = BasicRequestContext

    let token: String

    func handle(
        _ request: Request, context: Context,
        next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        guard let given = Self.token(of: request), Self.isEqual(given, token) else {
            var response = Response(
                json: ["error": "the request has no valid token"], status: .unauthorized)
            // Chromium does not ask for a password if both are in one line.
            response.headers[values: .wwwAuthenticate] = [
                "Bearer", "Basic realm=\"ganrm\", charset=\"UTF-8\"",
            ]
            return response
        }
        return try await next(request, context)
    }

    /// The token of a client, or the password of a browser, which has asked for it.
    private static func token(of request: Request) -> String? {
        let words = (request.headers[.authorization] ?? "").split(separator: " ", maxSplits: 1)
        guard words.count == 2 else { return nil }
        switch words[0].lowercased() {
        case "bearer": return String(words[1])
        case "basic":
            return Data(base64Encoded: String(words[1])).flatMap { data in
                let pair = String(decoding: data, as: UTF8.self)
                return pair.firstIndex(of: ":").map { String(pair[pair.index(after: $0)...]) }
            }
        default: return nil
        }
    }

    /// Compares in a time that does not depend on where the texts differ.
    private static func isEqual(_ given: String, _ expected: String) -> Bool {
        let (given, expected) = (Array(given.utf8), Array(expected.utf8))
        var difference = given.count ^ expected.count
        for index in expected.indices {
            difference |= Int(expected[index] ^ (index < given.count ? given[index] : 0))
        }
        return difference == 0
    }
}
