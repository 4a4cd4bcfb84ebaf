import HTTPTypes
import Hummingbird
import Media
import Pipeline
import Preference
import Scoring
import TextFormats

/// The server's own protocol: media as they are in, rows of `ganrm score`, `ganrm rank` and `ganrm metrics` out.
struct RowProtocol: Sendable {
    let service: ScoringService

    private static let mediaKey = "media_b64"
    private static let pathKey = "path"
    private static let lineType = "application/x-ndjson"

    /// A medium with its name and what is copied to its row.
    private struct Item {
        var name: String
        var extras: [JSONValue.Member] = []
        var medium: Result<Upload, ServingError>

        var withoutExtras: Item { Item(name: name, medium: medium) }
    }

    func add(to routes: some RouterMethods<BasicRequestContext>) {
        routes.post("v1/score") { request, _ in
            let isForm = MultipartBody.isType(request.headers[.contentType] ?? "")
            return try await answer(request) { items, call in
                // Fields of a form are prompts of candidates only.
                try await rows(of: isForm ? items.map(\.withoutExtras) : items, for: call)
            }
        }
        routes.post("v1/metrics") { request, _ in
            guard let metrics = service.metrics else {
                throw ServingError.badRequest(
                    reason: "the server computes no metrics; --metrics says which it should")
            }
            return try await answer(request) { items, call in
                try await rows(of: items, by: metrics, for: call)
            }
        }
        routes.post("v1/rank") { request, _ in
            let type = request.headers[.contentType] ?? ""
            let rate = try frameRate(of: request)
            return try await service.answer(request) { call in
                guard let items = try await items(of: &call, type: type, frameRate: rate) else {
                    throw ServingError.badRequest(
                        reason: "candidates come as \(Self.lineType) or multipart/form-data")
                }
                return Self.response(try await ranking(of: items, for: call))
            }
        }
    }

    private func frameRate(of request: Request) throws(ServingError) -> String? {
        let given = request.uri.queryParameters["fps"].map(String.init)
        return try FrameRate.checked(given) ?? service.settings.frameRate
    }

    /// A row for each medium of a body; of a body that is one file, 422 if there is only an error.
    private func answer(
        _ request: Request,
        _ rows: @escaping @Sendable ([Item], ScoringService.Call) async throws -> [ScoreRow]
    ) async throws -> Response {
        let type = request.headers[.contentType] ?? ""
        let rate = try frameRate(of: request)
        let parameters = request.uri.queryParameters
        let name = parameters["id"].map(String.init) ?? "upload"
        let prompt = parameters[Medium.promptKey[...]].map {
            JSONValue.Member(Medium.promptKey, .string(String($0)))
        }
        return try await service.answer(request) { call in
            if let items = try await items(of: &call, type: type, frameRate: rate) {
                return Self.response(try await rows(items, call))
            }
            let upload = try await call.body.upload(frameRate: rate)
            guard upload.byteCount > 0 else {
                throw ServingError.badRequest(reason: "the body is empty")
            }
            let item = Item(
                name: name, extras: [prompt].compactMap(\.self), medium: .success(upload))
            guard let row = try await rows([item], call).first else { throw ServingError.late }
            return Response(
                json: row.json, status: row.failure == nil ? .ok : .unprocessableContent)
        }
    }

    private func rows(of items: [Item], for call: ScoringService.Call) async throws -> [ScoreRow] {
        Self.rows(of: items, try await service.rows(of: items.map(\.medium), for: call))
    }

    /// Rows of `ganrm metrics`.
    private func rows(
        of items: [Item], by metrics: ServedMetrics, for call: ScoringService.Call
    ) async throws -> [ScoreRow] {
        let media = items.map { item in
            Result { () throws(ServingError) in
                let prompt = item.extras.first { $0.key == Medium.promptKey }?.value
                return try metrics.medium(item.medium.get(), prompt: prompt)
            }
        }
        return Self.rows(
            of: items,
            try await service.rows(of: media, by: metrics.engine, until: call.deadline))
    }

    /// Rows with the name of each item and what it copies, in place of those of its upload.
    private static func rows(of items: [Item], _ found: [ScoreRow]) -> [ScoreRow] {
        let own = [ScoreRow.Key.input.rawValue, Medium.promptKey]
        return zip(items, found).map { item, found in
            var row = ScoreRow(input: item.name, extras: item.extras)
            row.append(found.members.filter { !own.contains($0.key) })
            return row
        }
    }

    /// Rows of the candidates of each prompt, best first.
    private func ranking(
        of items: [Item], for call: ScoringService.Call
    ) async throws -> [ScoreRow] {
        var names: Set<ByteString> = []
        for item in items {
            guard names.insert(ByteString(item.name)).inserted else {
                throw ServingError.badRequest(reason: "two candidates have the id '\(item.name)'")
            }
        }
        let rows = try await rows(of: items, for: call)
        let candidates = try CandidateGrouping().candidates { add in
            for row in rows { add(row.json) }
        }
        return CandidateRanking(candidates, scores: ScoreTable(rows: rows)).rows
    }

    private static func response(_ rows: [ScoreRow]) -> Response {
        Response(text: rows.map { "\($0)\n" }.joined(), type: lineType)
    }

    // MARK: Bodies

    /// The media of a body that may have several; nil for one that is a file.
    private func items(
        of call: inout ScoringService.Call, type: String, frameRate: String?
    ) async throws -> [Item]? {
        if MultipartBody.isType(type) {
            let parts = try await MultipartBody.parts(
                of: &call.body, type: type, frameRate: frameRate)
            return parts.enumerated().map { index, part in
                Item(
                    name: part.fileName ?? part.field ?? "\(index)",
                    extras: part.field.map { [.init(Medium.promptKey, .string($0))] } ?? [],
                    medium: .success(part.upload))
            }
        }
        guard type.prefix(while: { $0 != ";" }) == Self.lineType else { return nil }
        let body = try await MediaBody(
            &call.body, .init(keys: [Self.mediaKey], isLines: true, frameRate: frameRate))
        return body.text.split(whereSeparator: \.isNewline).enumerated().map { index, line in
            item(line, index, in: body)
        }
    }

    private func item(_ line: Substring, _ index: Int, in body: MediaBody) -> Item {
        let object = try? JSONValue(parsing: line)
        let medium = Result { () throws(ServingError) in
            if let path = object?[Self.pathKey]?.stringValue {
                return try service.files.open(path)
            }
            guard let value = object?[Self.mediaKey] else {
                throw .badRequest(
                    reason: "the line is no object of JSON with \"\(Self.mediaKey)\"")
            }
            return try body.medium(value, Self.mediaKey)
        }
        let used = ["id", Self.mediaKey, Self.pathKey]
        return Item(
            name: object?["id"]?.name ?? "\(index)",
            extras: object?.members?.filter { !used.contains($0.key) } ?? [], medium: medium)
    }
}
