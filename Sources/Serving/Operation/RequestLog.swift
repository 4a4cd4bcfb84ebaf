import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import NIOHTTP1
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
            metrics.countRefusal(error.label)
            response = Response(error)
        } catch let error as any HTTPResponseError {
            response = try error.response(from: request, context: context)
        } catch let error where Self.isOfConnection(error) {
            metrics.countRefusal(ServingError.gone.label)
            response = Response(ServingError.gone)
        } catch {
            context.logger.error("a request failed", metadata: ["reason": "\(error)"])
            response = Response(ServingError.setting(reason: "the server failed; its log says why"))
        }
        let id = Self.id(of: request) ?? context.id
        response.headers[Self.idName] = id
        // The connection of a call was watched for its end, and what is to come of a body that was refused is not read:
        // neither serves a further request, and a client that is not told would lose one.
        if request.method != .get, request.method != .head {
            response.headers[.connection] = "close"
        }
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

    /// Whether the connection has ended or has brought what is no HTTP; a call is cancelled for nothing else.
    private static func isOfConnection(_ error: any Error) -> Bool {
        error is CancellationError || error is HTTPParserError || error is ChannelError
            || error is IOError
    }

    private static let idName = HTTPField.Name.name("X-Request-Id")

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
