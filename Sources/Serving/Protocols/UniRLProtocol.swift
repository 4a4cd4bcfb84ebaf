import Hummingbird
import Media
import Metrics
import Scoring
import TextFormats

/// The protocol of UniRL's reward service.
///
/// Source: Tencent-Hunyuan/UniRL 1a7b501, `unirl-reward-service/reward_service/schemas.py`, `server.py`;
/// `unirl/reward/remote.py`, whose default takes the first value of a reward.
struct UniRLProtocol: Sendable {
    /// The name of the reward that the reward model computes. Metrics are rewards of their own names.
    private static let reward = "ganrm"
    /// The values of the reward: the logit first, which does not saturate.
    private static let values = ["logit", "score", "degenerate"]

    let service: ScoringService

    func add(to routes: some RouterMethods<BasicRequestContext>) {
        routes.get("health") { _, _ in
            let metrics = metricNames.map { JSONValue.Member($0, [.string($0)]) }
            let values = JSONValue.array(Self.values.map { .string($0) })
            return Response(json: [
                "status": "ok", "rewards": .object([.init(Self.reward, values)] + metrics),
            ])
        }
        routes.get("rewards") { _, _ in
            Response(json: ["rewards": .array(rewards.map { .string($0) })])
        }
        routes.post("score") { request, _ in
            try await service.answer(request) { call in try await score(&call) }
        }
    }

    private var metricNames: [String] { service.metrics?.metrics.map(\.name) ?? [] }

    /// All rewards of the server.
    private var rewards: [String] { [Self.reward] + metricNames }

    /// A reward of a sample, which fails without the sample's other rewards.
    private struct Item {
        /// Index of the sample's request.
        var request: Int
        var reward: String
        var medium: Result<Medium, ServingError>
    }

    private func score(_ call: inout ScoringService.Call) async throws -> Response {
        let body = try await MediaBody(&call.body, .init(keys: Self.mediaKeys))
        guard let requests = try body.json()["requests"]?.arrayValue else {
            throw ServingError.badRequest(reason: "the body has no list \"requests\"")
        }
        let items = requests.enumerated().flatMap { rewards(of: $1, $0, in: body) }
        let (scored, measured) = (
            items.filter { $0.reward == Self.reward }, items.filter { $0.reward != Self.reward }
        )
        let deadline = call.deadline
        async let scores = rows(of: scored, by: service.engine, until: deadline)
        async let metrics = rows(of: measured, by: service.metrics?.engine, until: deadline)
        return Response(
            json: Self.answer(
                requests.count,
                try await Array(zip(scored, scores)) + Array(zip(measured, metrics))))
    }

    private func rows(
        of items: [Item], by engine: ScoringEngine?, until deadline: ContinuousClock.Instant
    ) async throws -> [ScoreRow] {
        // Without metrics, what is no reward has no medium either.
        try await service.rows(
            of: items.map(\.medium), by: engine ?? service.engine, until: deadline)
    }

    private static let mediaKeys = ["image_b64", "video_b64"]

    /// The rewards that a request names, or all if it has no list.
    private func rewards(of request: JSONValue, _ index: Int, in body: MediaBody) -> [Item] {
        let turn = request["history"]?.arrayValue?.last
        let upload = Result { () throws(ServingError) in try self.upload(of: turn, in: body) }
        var names: [String] = []
        for name in request["required_rewards"]?.arrayValue?.map(\.name) ?? rewards
        where !names.contains(name) {
            names.append(name)
        }
        return names.map { name in
            let medium = Result { () throws(ServingError) in
                if name == Self.reward { return Medium(upload: try upload.get()) }
                guard let metrics = service.metrics, let metric = metrics.metric(name) else {
                    throw .badRequest(
                        reason:
                            "there is no reward '\(name)' here, only \(rewards.joined(separator: ", "))"
                    )
                }
                // UniRL sends an empty text if a sample has no prompt.
                let prompt = turn?["text"].flatMap { [.null, ""].contains($0) ? nil : $0 }
                return try metrics.medium(upload.get(), prompt: prompt, for: metric)
            }
            return Item(request: index, reward: name, medium: medium)
        }
    }

    /// The last turn's medium.
    private func upload(
        of turn: JSONValue?, in body: MediaBody
    ) throws(ServingError) -> Upload {
        if let path = turn?["video_path"]?.stringValue { return try service.files.open(path) }
        guard let key = Self.mediaKeys.first(where: { turn?[$0]?.stringValue != nil }) else {
            throw .badRequest(reason: "the last turn has neither image_b64 nor video_b64")
        }
        return try body.medium(turn?[key], key)
    }

    /// Values and errors by request.
    private static func answer(_ count: Int, _ rows: [(Item, ScoreRow)]) -> JSONValue {
        var results: [[JSONValue.Member]] = Array(repeating: [], count: count)
        var errors = results
        for (item, row) in rows {
            if let values = values(of: row, as: item.reward), row.failure == nil {
                results[item.request].append(.init(item.reward, values))
            } else {
                let reason = row.failure ?? "there is no value"
                errors[item.request].append(.init(item.reward, .string(reason)))
            }
        }
        func model(_ isReward: Bool) -> JSONValue {
            let row = rows.first {
                ($0.reward == reward) == isReward && !$1.provenance.isEmpty
            }
            return row.map { .object($0.1.provenance) } ?? .null
        }
        return [
            "results": .array(results.map { .object($0) }),
            "errors": .array(errors.map { .object($0) }),
            reward: model(true), "metrics": model(false),
        ]
    }

    private static func values(of row: ScoreRow, as name: String) -> JSONValue? {
        guard name == reward else {
            return row[.metrics]?[name].map { .object([.init(name, $0)]) }
        }
        guard let logit = row[.logit], let score = row[.score] else { return nil }
        return [
            "logit": logit, "score": score, "degenerate": .number(row.isDegenerate ? 1 : 0),
        ]
    }
}
