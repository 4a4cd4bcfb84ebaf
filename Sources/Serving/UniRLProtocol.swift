import Hummingbird
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
            try await service.answer(request) { call in try await score(call) }
        }
    }

    private func score(_ call: ScoringService.Call) async throws -> Response {
        // The media are released while the text is still there, one after the other.
        let media = try Self.media(of: await call.json())
        let rows = try await service.rows(of: media, for: call)
        return Response(json: Self.answer(rows))
    }

    /// The media of a call: of each request the last turn's.
    static func media(of body: JSONValue) throws(ServingError) -> [Result<Upload, ServingError>] {
        guard let requests = body["requests"]?.arrayValue else {
            throw .badRequest(reason: "the body has no list \"requests\"")
        }
        return requests.map { request in
            Result { () throws(ServingError) in try medium(of: request) }
        }
    }

    private static func medium(of request: JSONValue) throws(ServingError) -> Upload {
        for name in request["required_rewards"]?.arrayValue ?? [] {
            guard name.stringValue == reward else {
                throw .badRequest(
                    reason: "there is no reward '\(name.name)' here, only '\(reward)'")
            }
        }
        let turn = request["history"]?.arrayValue?.last
        let keys = ["image_b64", "video_b64"]
        guard let key = keys.first(where: { turn?[$0]?.stringValue != nil }),
            let text = turn?[key]?.stringValue
        else {
            throw .badRequest(reason: "the last turn has neither image_b64 nor video_b64")
        }
        return try Upload(base64: text, name: key)
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
