import Encoders
import Foundation
import Frames
import Metrics
import Pipeline
import Scoring
import Serving
import Testing
import TestModels
import TestSupport
import TextFormats

/// Metrics beside the reward of a server.
///
/// They have the small CLIP in place of their encoders, which no option of `ganrm serve` can name, so that the server is
/// part of this process; rows are compared with those that `ganrm metrics` prints.
@Suite(.serialized) struct ServedMetricsTests {
    private static let metrics = [
        Metric(
            "clipscore", "", source: "", encoder: "tiny", prefix: "A photo depicts ",
            scale: .factor(2.5, clipsAtZero: true)),
        Metric("pickscore", "", source: "", encoder: "tiny", scale: .learned),
    ]

    private struct Golden: Decodable {
        var merges: [String]
    }

    private let model: TinyModel
    private let media: TestMedia
    private let folder: TemporaryFolder
    private let files: [String: MetricFiles]

    init() throws {
        model = try TinyModel()
        media = try TestMedia()
        folder = try TemporaryFolder()
        let golden: Golden = try Fixture.decode("metrics/cosines.json")
        files = try TinyCLIP.files(in: folder, merges: golden.merges)
    }

    /// A server of this process. Requests have threads of their own, since those of the server must not block.
    private struct LocalServer {
        let port: Int
        private let task: Task<Void, any Error>

        init(_ server: Server) async throws {
            let (addresses, listening) = AsyncStream.makeStream(of: String.self)
            task = Task {
                defer { listening.finish() }
                try await server.run { listening.yield($0) }
            }
            var iterator = addresses.makeAsyncIterator()
            let address = try #require(await iterator.next())
            port = try #require(address.split(separator: ":").last.flatMap { Int($0) })
        }

        func stop() async {
            task.cancel()
            _ = await task.result
        }

        func send(
            _ path: String, _ body: Data, type: String? = nil, method: String = "POST"
        ) async throws -> HTTPAnswer {
            let headers = type.map { ["Content-Type": $0] } ?? [:]
            return try await withCheckedThrowingContinuation { continuation in
                Thread.detachNewThread { [port] in
                    continuation.resume(
                        with: Result {
                            try HTTPAnswer(
                                method, path, port: port, body: body, headers: headers)
                        })
                }
            }
        }
    }

    private func evaluation(_ metrics: [Metric]) throws -> MetricEvaluation {
        try Self.evaluation(metrics, files)
    }

    private static func evaluation(
        _ metrics: [Metric], _ files: [String: MetricFiles]
    ) throws -> MetricEvaluation {
        try MetricEvaluation(
            metrics, loading: ModelLoader(precision: .f32, threadCount: 2), files: files)
    }

    /// The reward model.
    private func scoring() throws -> InputScoring {
        let source = EncoderSource(name: model.encoder, weights: model.weights)
        let loader = ModelLoader(
            sources: [.image: source, .video: source], precision: .f32, threadCount: 2)
        return try InputScoring(loader.scorer(model: model.untrainedHead()))
    }

    private func serve(_ metrics: [Metric] = metrics) async throws -> LocalServer {
        let scoring = try scoring()
        let engine = try ScoringEngine { _ in scoring }
        let served = try ServedMetrics(metrics, beside: engine) { [files] in
            try Self.evaluation(metrics, files)
        }
        let address = ServerSettings.Address.host("127.0.0.1", port: 0)
        return try await LocalServer(
            Server(engine, metrics: served, ServerSettings(address: address)))
    }

    /// Rows that `ganrm metrics --list` prints for lines of inputs and prompts.
    private func expectedRows(
        _ lines: [JSONValue], _ metrics: [Metric] = metrics
    ) throws -> [JSONValue] {
        let list = try folder.write(
            lines.map { "\($0)\n" }.joined(), to: "list-\(UUID()).jsonl")
        var rows: [JSONValue] = []
        try evaluation(metrics).run(RequestSource(inputs: [], list: list)) { _, row in
            rows.append(try JSONValue(parsing: "\(row)"))
        }
        return rows
    }

    private func image(_ seed: UInt32, _ side: Int = 48) throws -> String {
        try folder.write(
            Array("P6 \(side) \(side) 255\n".utf8) + noise(width: side, height: side, seed: seed),
            to: "\(side)-\(seed).ppm")
    }

    private func data(_ path: String) throws -> Data { try Data(contentsOf: URL(filePath: path)) }

    /// A line of a body, whose name is the path, for a line of a list.
    private func line(_ request: JSONValue) throws -> String {
        let path = try #require(request["input"]?.stringValue)
        let others = request.members?.filter { $0.key != "input" } ?? []
        return JSONValue.object(
            [
                .init("id", .string(path)),
                .init("media_b64", .string(try data(path).base64EncodedString())),
            ] + others
        ).description + "\n"
    }

    private static let lines = "application/x-ndjson"

    @Test func `rows are those of ganrm metrics, bit for bit, and failures have no number`()
        async throws
    {
        let server = try await serve()
        let video = try media.video("metrics.mp4", frames: 16)
        let black = try folder.write(
            Array("P6 48 48 255\n".utf8) + [UInt8](repeating: 0, count: 48 * 48 * 3),
            to: "black.ppm")
        let half = try folder.write(Array(try data(video).prefix(300)), to: "half.mp4")
        let text = try folder.write("no picture", to: "text.png")
        let long = String(repeating: "a red fox, ", count: 910)
        #expect(long.count > 10_000)
        let word = String(repeating: "x", count: 10_000)
        let requests: [JSONValue] = try [
            ["input": .string(video), "prompt": "a fox in the snow"],
            ["seed": 7, "prompt": "a \"red\" fox\n\u{2028}", "input": .string(image(2))],
            ["input": .string(image(3)), "prompt": ""],
            ["input": .string(black), "prompt": "a fox"],
            ["input": .string(image(4)), "prompt": .string(long)],
            ["input": .string(image(4)), "prompt": .string(word)],
            ["input": .string(half), "prompt": "a fox"],
            ["input": .string(text), "prompt": "a fox"],
            ["input": .string(image(5))],
            ["input": .string(image(5)), "prompt": 7],
        ]
        let expected = try expectedRows(requests)
        let body = Data(try requests.map(line).joined().utf8)
        let rows = try await server.send("/v1/metrics", body, type: Self.lines).lines()
        #expect(rows.count == requests.count)
        for (row, expected) in zip(rows, expected) {
            #expect(row["input"] == expected["input"])
            guard expected["error"] == nil else {
                #expect(row["error"]?.stringValue?.contains("/proc") == false)
                #expect(row["metrics"] == nil && row["prompt"] == expected["prompt"])
                continue
            }
            #expect(row.withoutInput == expected.withoutInput)
            #expect(row["metrics"]?.members?.map(\.key) == ["clipscore", "pickscore"])
        }
        #expect(
            expected.map { $0["error"] != nil } == [false, false, false, false, false, false]
                + [true, true, true, true])
        #expect(rows[3]["degenerate"] != nil && rows[4]["prompt_truncated"] == .bool(true))
        #expect(rows[8]["error"] == "there is no prompt, which clipscore needs")

        // The form is curl's; its fields are prompts.
        let form = try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread { [port = server.port] in
                continuation.resume(
                    with: Result {
                        try CommandRun(
                            URL(filePath: "/usr/bin/env"),
                            ["curl", "-s", "-F", "a fox in the snow=@\(video)"]
                                + ["http://127.0.0.1:\(port)/v1/metrics"])
                    })
            }
        }
        let one = try JSONValue(parsing: try #require(form.lines.first))
        #expect(one["input"] == "metrics.mp4" && one.withoutInput == expected[0].withoutInput)
        let raw = try await server.send(
            "/v1/metrics?prompt=a%20fox%20in%20the%20snow", try data(video))
        #expect(try raw.status == 200 && raw.json().withoutInput == expected[0].withoutInput)
        for (path, body, status) in [
            ("/v1/metrics", try data(video), 422), ("/v1/metrics?prompt=x", Data("x".utf8), 422),
            ("/v1/metrics?prompt=x", Data(), 400),
        ] {
            let answer = try await server.send(path, body)
            #expect(try answer.status == status && answer.json()["error"] != nil)
        }
        await server.stop()
    }

    /// What `unirl/reward/remote.py` sends, which has an empty text for a sample without a prompt.
    @Test func `each reward of UniRL has its values or its error`() async throws {
        let flickering = try Metric.named("temporal_flickering")
        let server = try await serve(Self.metrics + [flickering])
        let (video, picture) = (
            try media.video("metrics.mp4", frames: 16), try image(6)
        )
        func value(_ path: String, _ metric: Metric) throws -> JSONValue? {
            let rows = try expectedRows([["input": .string(path), "prompt": "a fox"]], [metric])
            return rows[0]["metrics"]?[metric.name]
        }
        func request(
            _ path: String, _ members: String, key: String = "video_b64", text: String = "a fox"
        ) throws -> String {
            """
            {"history":[{"text":"an edit","image_b64":"AAAA"},{"text":"\(text)",\
            "\(key)":"\(try data(path).base64EncodedString())"}]\(members)}
            """
        }
        let half = try folder.write(Array(try data(video).prefix(300)), to: "half.mp4")
        let both = ",\"required_rewards\":[\"ganrm\",\"clipscore\"]"
        let requests = try [
            request(video, both), request(video, both, text: ""), request(half, both),
            request(video, ",\"required_rewards\":[\"pickscore\",\"clip\",\"pickscore\"]"),
            request(video, ",\"required_rewards\":[]"), request(video, ""),
            request(picture, "", key: "image_b64"),
            "{\"history\":[{\"text\":\"a fox\"}]\(both)}",
        ]
        let health = try await server.send("/health", Data(), method: "GET").json()
        #expect(
            health["rewards"]?.members?.map(\.key)
                == ["ganrm", "clipscore", "pickscore", "temporal_flickering"])
        #expect(health["rewards"]?["clipscore"] == ["clipscore"])
        let listed = try await server.send("/rewards", Data(), method: "GET").json()
        #expect(listed["rewards"]?.arrayValue?.count == 4)

        let answer = try await server.send(
            "/score", Data("{\"requests\":[\(requests.joined(separator: ","))]}".utf8))
        #expect(answer.status == 200)
        let (results, errors) = (
            try #require(answer.json()["results"]?.arrayValue),
            try #require(answer.json()["errors"]?.arrayValue)
        )
        func names(_ values: [JSONValue]) -> [Set<String>] {
            values.map { Set($0.members?.map(\.key) ?? []) }
        }
        let all: Set = ["ganrm", "clipscore", "pickscore", "temporal_flickering"]
        #expect(
            names(results) == [
                ["ganrm", "clipscore"], ["ganrm"], [], ["pickscore"], [], all,
                all.subtracting(["temporal_flickering"]), [],
            ])
        #expect(
            names(errors) == [
                [], ["clipscore"], ["ganrm", "clipscore"], ["clip"], [], [],
                ["temporal_flickering"], ["ganrm", "clipscore"],
            ])
        #expect(errors[1]["clipscore"] == "there is no prompt, which clipscore needs")
        #expect(errors[6]["temporal_flickering"]?.stringValue?.contains("is a picture") == true)
        var scored: ScoreRow?
        try scoring().run(RequestSource(inputs: [video])) { event in
            if case .ended(_, let row) = event { scored = row }
        }
        for index in [0, 1, 5] {
            #expect(results[index]["ganrm"]?["logit"]?.description == scored?[.logit]?.description)
        }
        for metric in Self.metrics + [flickering] {
            let value = try #require(try value(video, metric))
            #expect(results[5][metric.name] == .object([.init(metric.name, value)]))
        }
        #expect(try results[0]["clipscore"]?["clipscore"] == value(video, Self.metrics[0]))
        #expect(try results[3]["pickscore"]?["pickscore"] == value(video, Self.metrics[1]))
        #expect(try results[6]["pickscore"]?["pickscore"] == value(picture, Self.metrics[1]))
        await server.stop()
    }

    @Test func `calls of many clients are answered with their own values`() async throws {
        let server = try await serve()
        let requests: [JSONValue] = try (0..<6).map {
            ["input": .string(try image(UInt32(10 + $0))), "prompt": "fox number \($0)"]
        }
        let expected = try expectedRows(requests)
        let bodies = try requests.map { Data(try line($0).utf8) }
        let answers = try await withThrowingTaskGroup(of: (Int, JSONValue).self) { group in
            for call in 0..<48 {
                group.addTask {
                    let body = bodies[call % bodies.count]
                    let answer = try await server.send("/v1/metrics", body, type: Self.lines)
                    return (call % bodies.count, try answer.json())
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(answers.count == 48)
        for (index, row) in answers { #expect(row.withoutInput == expected[index].withoutInput) }
        let figures = try await server.send("/metrics", Data(), method: "GET").text
        for line in [
            "ganrm_items_total{kind=\"metrics\",result=\"scored\"} 48\n",
            "ganrm_items_total{kind=\"reward\",result=\"scored\"} 0\n",
            "ganrm_queue_items{kind=\"metrics\",state=\"waiting\"} 0\n",
        ] {
            #expect(figures.contains(line))
        }
        await server.stop()
    }
}

extension JSONValue {
    /// The members of a row but for the name of its input.
    fileprivate var withoutInput: [JSONValue.Member] {
        (members ?? []).filter { $0.key != "input" }
    }
}
