import HTTPTypes
import Hummingbird

/// Refuses requests of web pages that have made their own name one of this machine's addresses, which a browser would
/// otherwise take for pages of the server. Only for a server without a token that this machine alone reaches.
struct HostCheck: RouterMiddleware {
    typealias Context = BasicRequestContext

    /// The host that the server listens at.
    let host: String

    func handle(
        _ request: Request, context: Context,
        next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        let authority = request.head.authority ?? ""
        let name =
            authority.hasPrefix("[")
            ? authority.prefix { $0 != "]" }.dropFirst() : authority.prefix { $0 != ":" }
        guard name.isEmpty || name == host || ServerSettings.isLocal(String(name)) else {
            throw ServingError.badRequest(
                reason: "the server answers for this machine only; use a token for other names")
        }
        return try await next(request, context)
    }
}
