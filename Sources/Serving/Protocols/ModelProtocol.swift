import Hummingbird
import Media
import TextFormats

/// The reward model in use, which can be replaced while the server runs.
struct ModelProtocol: Sendable {
    let service: ScoringService

    func add(to routes: some RouterMethods<BasicRequestContext>) {
        routes.get("v1/model") { _, _ in Self.response(service.engine.modelLabels) }
        routes.put("v1/model") { request, _ in
            try await service.answer(request) { call in
                let upload = try await call.body.upload()
                // Without a body, the file is read again, as after SIGHUP.
                let source = upload.byteCount > 0 ? upload : nil
                return Self.response(try await service.engine.replaceModel(with: source))
            }
        }
    }

    private static func response(_ labels: [(key: String, value: String)]) -> Response {
        Response(json: .object(labels.map { .init($0.key, .string($0.value)) }))
    }
}
