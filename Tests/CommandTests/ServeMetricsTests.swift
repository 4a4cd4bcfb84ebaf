import Foundation
import Testing
import TestModels
import TestSupport
import TextFormats

/// `ganrm serve --metrics`, with a metric that needs no model; metrics with prompts are tested in `ServingTests`.
@Suite(.serialized) struct ServeMetricsTests {
    private let setting: ScoringFixture

    init() throws { setting = try ScoringFixture.shared.get() }

    private func data(_ path: String) throws -> Data { try Data(contentsOf: URL(filePath: path)) }

    /// The rows of the command; a worker that is killed is what a crash of a decoder would be.
    @Test func `metrics of a worker are the same, and its end costs no call`() async throws {
        let video = try setting.media.video("metrics.mp4", frames: 16)
        let run = try CommandRun.ganrm(["metrics", video, "--metrics", "temporal_flickering"])
        let expected = try JSONValue(parsing: try #require(run.lines.first)).withoutInput
        let (body, options) = (
            try data(video), setting.options + ["--metrics", "temporal_flickering"]
        )
        let plain = try RunningServer(options)
        #expect(
            try HTTPAnswer("POST", "/v1/metrics", port: plain.port, body: body).json()
                .withoutInput == expected)

        let isolated = try RunningServer(options + ["--isolate"])
        let port = isolated.port
        #expect(try isolated.workers().count == 2)
        let answers = try await withThrowingTaskGroup(of: JSONValue.self) { group in
            for call in 0..<16 {
                group.addTask {
                    let body = call % 8 == 7 ? Data(body.prefix(300)) : body
                    return try HTTPAnswer("POST", "/v1/metrics", port: port, body: body).json()
                }
            }
            usleep(30_000)
            for worker in try isolated.workers() { kill(worker, SIGKILL) }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(answers.count { $0.withoutInput == expected } == 14)
        #expect(answers.count { $0["error"] != nil && $0["metrics"] == nil } == 2)
        isolated.process.send(SIGTERM)
        #expect(try isolated.process.end() == 0)
    }

    @Test func `a server without metrics says so`() throws {
        let server = try RunningServer(setting.options)
        let answer = try HTTPAnswer("POST", "/v1/metrics", port: server.port, body: Data("x".utf8))
        #expect(try answer.status == 400 && answer.json()["error"] != nil)
    }

    @Test(arguments: [
        (["--metrics", "clipscore,fid"], 2, "fid compares whole sets"),
        (["--metrics", "lpips@alex"], 2, "lpips@alex compares each input with another one"),
        (["--metrics", "clipscor"], 2, "did you mean 'clipscore'?"),
        (["--metrics", ""], 2, "there is no metric ''"),
        (["--metrics", "ip"], 2, "ip needs NudeNet's detector"),
        (["--detector", "320n.onnx"], 2, "--detector goes with --metrics"),
        (["--metrics", "clipscore", "--metrics-frames", "0"], 2, "--metrics-frames"),
        (["--metrics", "clipscore"], 3, "ganrm models pull clip-vit-base-patch32"),
        (["--metrics", "clipscore", "--isolate"], 3, "ganrm models pull clip-vit-base-patch32"),
        (
            ["--metrics", "nudenet", "--detector", "/no/such/file"], 3,
            "'/no/such/file' cannot be used as a detector"
        ),
    ])
    func `metrics that cannot be computed are told at the start`(
        options: [String], status: Int32, message: String
    ) throws {
        let run = try CommandRun.ganrm(["serve", "--port", "0"] + setting.options + options)
        #expect(run.status == status && run.messages.contains(message), "\(run.messages)")
    }
}
