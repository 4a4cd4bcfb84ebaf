import HTTPTypes
import Hummingbird
import NIOCore
import TextFormats

/// What operators look at: figures, a page with them, and the description of the interface.
struct OperationProtocol: Sendable {
    let service: ScoringService

    func add(to routes: some RouterMethods<BasicRequestContext>) {
        routes.get("/") { _, _ in
            var response = Response(
                text: String(decoding: PackageResources.status_html, as: UTF8.self),
                type: "text/html; charset=utf-8")
            // The page's own script and style only, and no other page around it.
            response.headers[.contentSecurityPolicy] =
                "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; "
                + "connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
            return response
        }
        routes.get("openapi.json") { _, _ in
            Response(
                text: String(decoding: PackageResources.openapi_json, as: UTF8.self),
                type: "application/json")
        }
        routes.get("metrics") { _, _ in
            Response(
                text: service.engine.metrics.text(load, model: service.engine.modelLabels),
                type: "text/plain; version=0.0.4")
        }
        routes.get("v1/status") { _, _ in
            Response(json: service.engine.metrics.json(load, model: service.engine.modelLabels))
        }
    }

    private var load: ServiceMetrics.Load {
        let engines = [service.engine, service.metrics?.engine].compactMap(\.self)
        return .init(
            queues: engines.map { engine in
                let depth = engine.queue.depth
                return (engine.kind, depth.waiting, depth.running)
            }, byteCount: service.budget.usedCount)
    }
}
