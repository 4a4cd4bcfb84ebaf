import Hummingbird
import Media
import Scoring
import TextFormats

/// The protocol of UniRL's reward service.
///
/// Source: Tencent-Hunyuan/UniRL 1a7b501, `unirl-reward-service/reward_service/schemas.py`, `server.py`;
/// `unirl/reward/remote.py`, whose default takes the first value of a reward.
struct UniRLProtocol: Sendable {
    /// The name of the only reward.
    static let reward = "ganrm"
    /// The values of the reward: the logit first, which does not saturate.
    static let values = ["logit", "score", "degenerate"]

    let service: ScoringService

    func add(to routes: some RouterMethods<BasicRequestContext>) {
        routes.get("health") { _, _ in
            Response(json: [
                "status": "ok",
                "rewards": [Self.reward: .array(Self.values.map { .string($0) })],
            ])
        }
        routes.get("rewards") { _, _ in
            Response(json: ["rewards": [.string(Self.reward)]])
        }
        routes.post("score") { request, _ in
            try await service.answer(request) { call in try await score(&call) }
        }
    }

    private func score(_ call: inout ScoringService.Call) async throws -> Response {
        let body = try await MediaBody(&call.body, .init(keys: Self.mediaKeys))
        let rows = try await service.rows(of: Self.media(of: body, service.files), for: call)
        return Response(json: Self.answer(rows))
    }

    private static let mediaKeys = ["image_b64", "video_b64"]

    /// The media of a call: of each request the last turn's.
    private static func media(
        of body: MediaBody, _ files: AllowedFiles
    ) throws(ServingError) -> [Result<Upload, ServingError>] {
        guard let requests = try body.json()["requests"]?.arrayValue else {
            throw .badRequest(reason: "the body has no list \"requests\"")
        }
        return requests.map { request in
            Result { () throws(ServingError) in try medium(of: request, in: body, files) }
        }
    }

    private static func medium(
        of request: JSONValue, in body: MediaBody, _ files: AllowedFiles
    ) throws(ServingError) -> Upload {
        for name in request["required_rewards"]?.arrayValue ?? [] {
            guard name.stringValue == reward else {
                throw .badRequest(
                    reason: "there is no reward '\(name.name)' here, only '\(reward)'")
            }
        }
        let turn = request["history"]?.arrayValue?.last
        if let path = turn?["video_path"]?.stringValue { return try files.open(path) }
        guard let key = mediaKeys.first(where: { turn?[$0]?.stringValue != nil }) else {
            throw .badRequest(reason: "the last turn has neither image_b64 nor video_b64")
        }
        return try body.medium(turn?[key], key)
    }

    /// Values and errors by request.
    static func answer(_ rows: [ScoreRow]) -> JSONValue {
        var results: [JSONValue] = []
        var errors: [JSONValue] = []
        for row in rows {
            if let logit = row[.logit], let score = row[.score], row.failure == nil {
                results.append([
                    reward: [
                        "logit": logit, "score": score,
                        "degenerate": .number(row.isDegenerate ? 1 : 0),
                    ]
                ])
                errors.append([:])
            } else {
                results.append([:])
                errors.append([reward: .string(row.failure ?? "there is no score")])
            }
        }
        let model = rows.first { !$0.provenance.isEmpty }.map { JSONValue.object($0.provenance) }
        return ["results": .array(results), "errors": .array(errors), reward: model ?? .null]
    }
}
