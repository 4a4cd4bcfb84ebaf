import HTTPTypes
import Hummingbird
import Logging
import TextFormats

/// Turns errors into answers, counts requests and writes a line of log for each, without prompts and names of files.
struct RequestLog: RouterMiddleware {
    typealias Context = BasicRequestContext

    let metrics: ServiceMetrics

    func handle(
        _ request: Request, context: Context,
        next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        let start = ContinuousClock.now
        var response: Response
        do {
            response = try await next(request, context)
        } catch let error as ServingError {
            response = Response(error)
        } catch let error as any HTTPResponseError {
            response = try error.response(from: request, context: context)
        } catch is CancellationError {
            // The client has gone.
            response = Response(ServingError.late)
        } catch {
            context.logger.error("a request failed", metadata: ["reason": "\(error)"])
            response = Response(ServingError.setting(reason: "the server failed; its log says why"))
        }
        let id = Self.id(of: request) ?? context.id
        response.headers[Self.idName] = id
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        let route = context.endpointPath ?? "none"
        metrics.countRequest(route: route, status: Int(response.status.code), seconds: seconds)
        context.logger.log(
            level: Server.probes.contains(route) ? .debug : .info, "request",
            metadata: [
                "id": "\(id)", "method": "\(request.method.rawValue)", "route": "\(route)",
                "status": "\(response.status.code)",
                "seconds": "\((seconds * 1000).rounded() / 1000)",
            ])
        return response
    }

    private static let idName: HTTPField.Name = {
        guard let name = HTTPField.Name("X-Request-Id") else {
            preconditionFailure("the name is one of a header")
        }
        return name
    }()

    /// A client's own number of a request, if it can be written to a log.
    private static func id(of request: Request) -> String? {
        request.headers[idName].flatMap { id in
            let isPlain = id.utf8.allSatisfy {
                (0x30...0x39).contains($0) || (0x41...0x5A).contains($0)
                    || (0x61...0x7A).contains($0) || [0x2D, 0x2E, 0x5F].contains($0)
            }
            return (1...128).contains(id.utf8.count) && isPlain ? id : nil
        }
    }
}

/// Refuses requests without the token.
struct TokenCheck: RouterMiddleware {
    typealias Context = BasicRequestContext

    let token: String

    func handle(
        _ request: Request, context: Context,
        next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        guard Self.isEqual(request.headers[.authorization] ?? "", "Bearer \(token)") else {
            var response = Response(
                json: ["error": "the request has no valid token"], status: .unauthorized)
            response.headers[.wwwAuthenticate] = "Bearer"
            return response
        }
        return try await next(request, context)
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
