import Hummingbird
import Scoring
import TextFormats

/// The server's own protocol: media as they are in, rows of `ganrm score` out.
struct RowProtocol: Sendable {
    let service: ScoringService

    func add(to routes: some RouterMethods<BasicRequestContext>) {
        routes.post("v1/score") { request, _ in
            let type = request.headers[.contentType]?.split(separator: ";").first ?? ""
            let name = request.uri.queryParameters["id"].map(String.init)
            return try await service.answer(request) { call in
                type == "application/x-ndjson"
                    ? try await scoreLines(call) : try await scoreOne(call, name: name)
            }
        }
        routes.get("v1/model") { _, _ in
            let labels = service.engine.modelLabels
            return Response(json: .object(labels.map { .init($0.key, .string($0.value)) }))
        }
    }

    /// A body that is one file: its row; 422 if it has no score.
    private func scoreOne(_ call: ScoringService.Call, name: String?) async throws -> Response {
        let upload = try await call.upload()
        guard upload.byteCount > 0 else {
            throw ServingError.badRequest(reason: "the body is empty")
        }
        guard var row = try await service.rows(of: [.success(upload)], for: call).first else {
            throw ServingError.late
        }
        if let name { row.input = name }
        return Response(json: row.json, status: row.failure == nil ? .ok : .unprocessableContent)
    }

    /// A body of lines, `{"id": …, "media_b64": …}`: a row for each, in order, with a score or an error.
    private func scoreLines(_ call: ScoringService.Call) async throws -> Response {
        var names: [JSONValue?] = []
        var media: [Result<Upload, ServingError>] = []
        for line in try await call.text().split(whereSeparator: \.isNewline) {
            let object = try? JSONValue(parsing: line)
            names.append(object?["id"])
            media.append(
                Result { () throws(ServingError) in
                    guard let text = object?["media_b64"]?.stringValue else {
                        throw .badRequest(
                            reason: "the line is no object of JSON with \"media_b64\"")
                    }
                    return try Upload(base64: text, name: "media_b64")
                })
        }
        let rows = try await service.rows(of: media, for: call)
        let lines = zip(rows, names).enumerated().map { index, pair in
            var row = pair.0
            row.input = pair.1?.name ?? "\(index)"
            return "\(row)\n"
        }
        return Response(text: lines.joined(), type: "application/x-ndjson")
    }
}
