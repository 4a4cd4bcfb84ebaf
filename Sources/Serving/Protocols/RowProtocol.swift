import HTTPTypes
import Hummingbird
import Media
import Pipeline
import Preference
import Scoring
import TextFormats

/// The server's own protocol: media as they are in, rows of `ganrm score` and `ganrm rank` out.
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
            let type = request.headers[.contentType] ?? ""
            let rate = try frameRate(of: request)
            let name = request.uri.queryParameters["id"].map(String.init)
            return try await service.answer(request) { call in
                if var items = try await items(of: &call, type: type, frameRate: rate) {
                    // Fields of a form are prompts of candidates only.
                    if MultipartBody.isType(type) { items = items.map { $0.withoutExtras } }
                    return Self.response(try await rows(of: items, for: call))
                }
                return try await scoreOne(&call, name: name, frameRate: rate)
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

    /// A body that is one file: its row; 422 if it has no score.
    private func scoreOne(
        _ call: inout ScoringService.Call, name: String?, frameRate: String?
    ) async throws -> Response {
        let upload = try await call.body.upload(frameRate: frameRate)
        guard upload.byteCount > 0 else {
            throw ServingError.badRequest(reason: "the body is empty")
        }
        guard var row = try await service.rows(of: [.success(upload)], for: call).first else {
            throw ServingError.late
        }
        if let name { row.input = name }
        return Response(json: row.json, status: row.failure == nil ? .ok : .unprocessableContent)
    }

    private func rows(of items: [Item], for call: ScoringService.Call) async throws -> [ScoreRow] {
        let rows = try await service.rows(of: items.map(\.medium), for: call)
        return zip(items, rows).map { item, scored in
            var row = ScoreRow(input: item.name, extras: item.extras)
            row.append(scored.members.filter { $0.key != ScoreRow.Key.input.rawValue })
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
                    extras: part.field.map { [.init("prompt", .string($0))] } ?? [],
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
