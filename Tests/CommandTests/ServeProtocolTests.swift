import Foundation
import Testing
import TestModels
import TestSupport
import TextFormats

/// Protocols of `ganrm serve` beside those of `ServeCommandTests`; values are compared with those of `ganrm score` and
/// `ganrm rank`.
@Suite(.serialized) struct ServeProtocolTests {
    private let setting: ScoringFixture

    init() throws { setting = try ScoringFixture.shared.get() }

    private func data(_ path: String) throws -> Data { try Data(contentsOf: URL(filePath: path)) }

    private func videos(_ count: Int) throws -> [String] {
        try (0..<count).map {
            try setting.media.video("protocol-\($0).mp4", frames: 16, seed: $0)
        }
    }

    private func logit(_ path: String, _ options: [String] = []) throws -> Double {
        let row = try setting.scoredRow(path, options)
        return try #require(row.first { $0.key == "logit" }?.value.doubleValue)
    }

    private func curl(_ arguments: [String]) throws -> [JSONValue] {
        let run = try CommandRun(URL(filePath: "/usr/bin/env"), ["curl", "-s"] + arguments)
        return try run.lines.map { try JSONValue(parsing: $0) }
    }

    /// The form is curl's.
    @Test func `forms are scored, and their candidates ranked like a manifest`() throws {
        let server = try RunningServer(setting.options)
        let videos = try videos(3)
        let address = "http://127.0.0.1:\(server.port)"
        let scored = try curl(videos.flatMap { ["-F", "media=@\($0)"] } + ["\(address)/v1/score"])
        #expect(
            scored.map { $0["input"] } == ["protocol-0.mp4", "protocol-1.mp4", "protocol-2.mp4"])
        for (row, video) in zip(scored, videos) {
            #expect(row.withoutInput == (try setting.scoredRow(video)))
        }

        let prompts = ["a \"red\" fox", "a dog", "a \"red\" fox"]
        let folder = try TemporaryFolder()
        let half = try folder.write(Array(data(videos[0]).prefix(300)), to: "half.mp4")
        let all = videos + [half]
        let form = zip(all, prompts + ["a dog"]).flatMap { video, prompt in
            ["-F", "\(prompt)=@\(video)"]
        }
        let ranked = try curl(form + ["\(address)/v1/rank"])
        let manifest = zip(all, prompts + ["a dog"]).map { video, prompt in
            "\(JSONValue.object([.init("prompt", .string(prompt)), .init("input", .string(video))]))"
        }
        let list = try folder.write(manifest.joined(separator: "\n"), to: "manifest.jsonl")
        let run = try CommandRun.ganrm(["rank", list, "--no-store"] + setting.options)
        let expected = try run.lines.map { try JSONValue(parsing: $0) }
        #expect(ranked.count == expected.count)
        for key in ["prompt", "rank", "logit", "margin"] {
            #expect(ranked.map { $0[key] } == expected.map { $0[key] })
        }
        #expect(ranked.map { $0["error"] != nil } == expected.map { $0["error"] != nil })

        let twins = "{\"id\":1,\"media_b64\":\"AAAA\"}\n{\"id\":\"1\",\"media_b64\":\"AAAA\"}\n"
        let type = ["Content-Type": "application/x-ndjson"]
        let refused = try HTTPAnswer(
            "POST", "/v1/rank", port: server.port, body: Data(twins.utf8), headers: type)
        #expect(refused.status == 400)
        for (body, type) in [
            ("--x\r\n\r\nhalf", "multipart/form-data; boundary=x"),
            ("--x--", "multipart/form-data"), ("", "multipart/form-data; boundary=x"),
        ] {
            let answer = try HTTPAnswer(
                "POST", "/v1/score", port: server.port, body: Data(body.utf8),
                headers: ["Content-Type": type])
            #expect(answer.status == 400)
        }
    }

    /// What `my_reward_remote.py` sends: PNG frames of videos, or images.
    @Test func `frames of Flow-Factory are scored like a sequence of images`() throws {
        let server = try RunningServer(setting.options + ["--framerate", "8"])
        let folder = try TemporaryFolder()
        func frames(_ seed: Int) throws -> [String] {
            let video = try setting.media.video("frames-\(seed).mp4", frames: 12, seed: seed)
            try FFmpeg.run(["-i", video, folder.path("\(seed)-%03d.png")])
            return try (1...12).map {
                let number = String(repeating: "0", count: $0 < 10 ? 2 : 1) + "\($0)"
                return try data(folder.path("\(seed)-\(number).png")).base64EncodedString()
            }
        }
        func send(_ members: [JSONValue.Member]) throws -> HTTPAnswer {
            try HTTPAnswer(
                "POST", "/compute", port: server.port,
                body: Data("\(JSONValue.object(members))".utf8))
        }
        func texts(_ texts: [String]) -> JSONValue { .array(texts.map { .string($0) }) }
        let sequences = try [1, 2].map { try frames($0) }
        let expected = try [1, 2].map {
            try logit(folder.path("\($0)-%03d.png"), ["--framerate", "8"])
        }
        for (key, prompts) in [("video", "prompt"), ("videos", "prompts")] {
            let answer = try send([
                .init(prompts, ["a", "b"]), .init("image", .null),
                .init(key, .array(sequences.map(texts))),
                .init("condition_images", .array([texts([sequences[0][0]])])),
            ])
            #expect(try answer.json()["rewards"]?.arrayValue?.map(\.doubleValue) == expected)
        }
        let image = try send([.init("prompt", ["a"]), .init("image", texts([sequences[0][0]]))])
        #expect(
            try image.json()["rewards"]?.arrayValue?.map(\.doubleValue)
                == [try logit(folder.path("1-001.png"))])

        for (members, status) in [
            ([JSONValue.Member("video", .array([texts(sequences[0]), texts(["AAAA"])]))], 422),
            ([.init("video", .array([texts(["*"])]))], 422), ([.init("video", [[]])], 422),
            ([.init("prompt", ["a"])], 400),
        ] {
            let answer = try send(members)
            #expect(answer.status == status)
            #expect(try answer.json()["error"] != nil && answer.json()["rewards"] == nil)
        }
    }

    /// Bytes as `extension_binary_data.md` has them.
    @Test func `batches of KServe hold files or frames, as text or binary`() throws {
        let server = try RunningServer(setting.options)
        let videos = try videos(2)
        let expected = try videos.map { try logit($0) }
        func send(_ header: String, _ tensors: Data = Data(), isBinary: Bool) throws -> HTTPAnswer {
            let length = isBinary ? "\(header.utf8.count)" : nil
            return try HTTPAnswer(
                "POST", "/v2/models/ganrm/infer", port: server.port,
                body: Data(header.utf8) + tensors,
                headers: length.map { ["Inference-Header-Content-Length": $0] } ?? [:])
        }
        func values(_ answer: HTTPAnswer, _ name: String) throws -> [Double?]? {
            let outputs = try answer.json()["outputs"]?.arrayValue ?? []
            return outputs.first { $0["name"] == .string(name) }?["data"]?.arrayValue?
                .map(\.doubleValue)
        }
        let texts = try videos.map { "\"\(try data($0).base64EncodedString())\"" }
        let text = try send(
            """
            {"id":"7","inputs":[{"name":"media","shape":[2],"datatype":"BYTES",
            "data":[\(texts.joined(separator: ","))]}],"outputs":[{"name":"logit"}]}
            """, isBinary: false)
        #expect(try values(text, "logit") == expected && values(text, "score") == nil)
        #expect(try text.json()["id"] == "7")

        var tensor = Data()
        for video in videos {
            let file = try data(video)
            withUnsafeBytes(of: UInt32(file.count).littleEndian) { tensor += $0 }
            tensor += file
        }
        func header(_ size: Int, _ shape: String = "[2]", _ rest: String = "") -> String {
            """
            {"inputs":[{"name":"media","shape":\(shape),"datatype":"BYTES","parameters":
            {"binary_data_size":\(size)}}]\(rest)}
            """
        }
        let binary = try send(header(tensor.count), tensor, isBinary: true)
        #expect(try values(binary, "logit") == expected)
        let wanted = ",\"outputs\":[{\"name\":\"logit\",\"parameters\":{\"binary_data\":true}}]"
        let answer = try send(header(tensor.count, "[2]", wanted), tensor, isBinary: true)
        let length = try #require(
            answer.headers["inference-header-content-length"].flatMap { Int($0) })
        let numbers = Data(answer.body.dropFirst(length))
        let logits = (0..<2).map { index in
            Double(
                bitPattern: UInt64(
                    littleEndian: numbers.withUnsafeBytes {
                        $0.loadUnaligned(fromByteOffset: 8 * index, as: UInt64.self)
                    }))
        }
        #expect(logits == expected)

        let raw = try FFmpeg.run(["-i", videos[0], "-f", "rawvideo", "-pix_fmt", "rgb24", "-"])
        let folder = try TemporaryFolder()
        try FFmpeg.run(["-i", videos[0], folder.path("%03d.png")])
        let frames = try logit(folder.path("%03d.png"), ["--framerate", "8"])
        let (width, height) = (64, 48)
        let shape = "[1,\(raw.count / (width * height * 3)),\(height),\(width),3]"
        let pixels = """
            {"parameters":{"fps":8},"inputs":[{"name":"frames","shape":\(shape),"datatype":"UINT8",
            "parameters":{"binary_data_size":\(raw.count)}}]}
            """
        #expect(try values(send(pixels, raw, isBinary: true), "logit") == [frames])

        let wrong: [(String, Data, Bool, Int)] = [
            (header(tensor.count + 1), tensor, true, 400),
            (header(tensor.count, "[3]"), tensor, true, 400),
            (header(tensor.count - 1), tensor, true, 400), (header(-1), tensor, true, 400),
            (header(1 << 62), tensor, true, 400), ("{\"inputs\":[]}", Data(), false, 400),
            (pixels.replacing("UINT8", with: "FP32"), raw, true, 400),
            (pixels.replacing("[1,", with: "[4294967296,"), raw, true, 400),
            (header(tensor.count, "[2]", ",\"outputs\":[{\"name\":\"x\"}]"), tensor, true, 400),
            (header(8, "[2]"), Data([0, 0, 0, 0, 0, 0, 0, 0]), true, 422),
        ]
        for (header, tensors, isBinary, status) in wrong {
            let answer = try send(header, tensors, isBinary: isBinary)
            #expect(answer.status == status, "\(header.prefix(200)) \(answer.text)")
            #expect(try answer.json()["outputs"] == nil)
        }
        for path in ["", "/health/live", "/health/ready", "/models/ganrm", "/models/ganrm/ready"] {
            #expect(try HTTPAnswer("GET", "/v2\(path)", port: server.port).status == 200)
        }
    }

    @Test func `a model that is sent takes over, and one that is none does not`() throws {
        let server = try RunningServer(setting.options)
        let video = try videos(1)[0]
        let expected = try setting.scoredRow(video)
        func fingerprint(_ answer: HTTPAnswer) throws -> String? {
            try answer.json()["fingerprint"]?.stringValue
        }
        let before = try fingerprint(HTTPAnswer("GET", "/v1/model", port: server.port))
        let junk = try HTTPAnswer("PUT", "/v1/model", port: server.port, body: Data("junk".utf8))
        #expect(junk.status == 422 && !junk.text.contains("/proc"))
        let folder = try TemporaryFolder()
        let other = folder.path("other.safetensors")
        let sides = ["--proxy", "raw", "--generated", "good"].map {
            $0.hasPrefix("-") ? $0 : setting.media.folder.path($0)
        }
        let training = try CommandRun.ganrm(
            ["train"] + sides + ["-o", other, "--steps", "10", "--frames", "4"]
                + ["--warm-up-steps", "2"] + setting.model.encoderOptions)
        try #require(training.status == 0, "\(training.messages)")
        let sent = try HTTPAnswer("PUT", "/v1/model", port: server.port, body: try data(other))
        #expect(try sent.status == 200 && fingerprint(sent) != before)
        let row = try HTTPAnswer("POST", "/v1/score", port: server.port, body: try data(video))
            .json()
        #expect(row["model"]?["name"] == "upload")
        #expect(try row["model"]?["fingerprint"]?.stringValue == fingerprint(sent))
        let back = try HTTPAnswer("PUT", "/v1/model", port: server.port)
        #expect(try back.status == 200 && fingerprint(back) == before)
        #expect(
            try HTTPAnswer("POST", "/v1/score", port: server.port, body: try data(video)).json()
                .withoutInput == expected)
    }

    @Test func `files of the machine are opened in allowed folders only`() throws {
        let folder = try TemporaryFolder()
        let video = try videos(1)[0]
        let inside = folder.path("inside")
        try FileManager.default.createDirectory(atPath: inside, withIntermediateDirectories: true)
        try FileManager.default.copyItem(atPath: video, toPath: inside + "/a.mp4")
        try FileManager.default.copyItem(atPath: video, toPath: folder.path("outside.mp4"))
        try FileManager.default.createSymbolicLink(
            atPath: inside + "/link.mp4", withDestinationPath: folder.path("outside.mp4"))
        try FileManager.default.createSymbolicLink(
            atPath: inside + "/folder", withDestinationPath: folder.path(""))
        mkfifo(inside + "/pipe", 0o600)
        func rows(_ server: RunningServer, _ paths: [String]) throws -> [JSONValue] {
            let lines = paths.map { "\(JSONValue.object([.init("path", .string($0))]))\n" }
            return try HTTPAnswer(
                "POST", "/v1/score", port: server.port, body: Data(lines.joined().utf8),
                headers: ["Content-Type": "application/x-ndjson"]
            ).lines()
        }
        let server = try RunningServer(setting.options + ["--allow-path", inside])
        let expected = try setting.scoredRow(video)
        for row in try rows(server, ["a.mp4", "./a.mp4", inside + "/a.mp4"]) {
            #expect(row.withoutInput == expected)
        }
        let refused = try rows(
            server,
            [
                "../outside.mp4", folder.path("outside.mp4"), "link.mp4", "folder/outside.mp4",
                "pipe",
                "absent.mp4", "", ".", inside, "/proc/self/fd/0", "a.mp4\0",
                inside + "/../outside.mp4",
            ])
        #expect(refused.count == 12)
        #expect(Set(refused.map { $0["error"] }).count == 1)
        #expect(refused.allSatisfy { $0["score"] == nil && $0["error"]?.stringValue != nil })
        let closed = try RunningServer(setting.options)
        #expect(try rows(closed, [inside + "/a.mp4"])[0]["error"] != nil)
    }

    /// A worker that is killed is what a crash of a decoder would be.
    @Test func `a worker that ends costs no call, and one that hangs only its medium`() async throws
    {
        let server = try RunningServer(setting.options + ["--isolate", "--deadline", "8"])
        let video = try videos(1)[0]
        let expected = try setting.scoredRow(video)
        let (body, port) = (try data(video), server.port)
        func worker() throws -> pid_t { try #require(try server.workers().first) }
        for _ in 0..<2 {
            let answers = try await withThrowingTaskGroup(of: JSONValue.self) { group in
                for call in 0..<16 {
                    group.addTask {
                        let broken = call % 8 == 7
                        return try HTTPAnswer(
                            "POST", "/v1/score", port: port,
                            body: broken ? Data(body.prefix(300)) : body
                        ).json()
                    }
                }
                // Once only: a medium whose second worker ends, too, would fail.
                usleep(30_000)
                kill(try worker(), SIGKILL)
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(answers.count { $0.withoutInput == expected } == 14)
            #expect(answers.count { $0["error"] != nil && $0["score"] == nil } == 2)
        }

        kill(try worker(), SIGSTOP)
        let late = try HTTPAnswer("POST", "/v1/score", port: port, body: body)
        #expect(late.status == 503)
        let end = Date(timeIntervalSinceNow: BackgroundProcess.timeoutSeconds)
        while try HTTPAnswer("POST", "/v1/score", port: port, body: body).status != 200 {
            try #require(Date() < end)
        }
        let last = try worker()
        server.process.send(SIGTERM)
        #expect(try server.process.end() == 0)
        while kill(last, 0) == 0 { try #require(Date() < end) }
    }

    @Test func `the interface is described, and pages of other hosts are refused`() throws {
        let server = try RunningServer(setting.options)
        let description = try HTTPAnswer("GET", "/openapi.json", port: server.port).json()
        let paths = try #require(description["paths"]?.members)
        for path in paths {
            for method in path.value.members ?? [] {
                let answer = try HTTPAnswer(
                    method.key.uppercased(), path.key, port: server.port)
                #expect(answer.status != 404 && answer.status != 405, "\(method.key) \(path.key)")
                let known = method.value["responses"]?.members?.map(\.key) ?? []
                #expect(known.contains("\(answer.status)"), "\(method.key) \(path.key)")
            }
        }
        let page = try HTTPAnswer("GET", "/", port: server.port)
        #expect(page.headers["content-security-policy"]?.contains("default-src 'none'") == true)
        let refused = try HTTPConnection(port: server.port)
        refused.send(
            Data("GET /v1/model HTTP/1.1\r\nHost: example.org\r\nConnection: close\r\n\r\n".utf8))
        #expect(HTTPAnswer(refused.readAll())?.status == 400)
        let figures = try HTTPAnswer("GET", "/metrics", port: server.port).text
        for name in ["ganrm_decode_seconds_count", "ganrm_rejected_total{", "process_open_fds"] {
            #expect(figures.contains(name))
        }
    }
}
