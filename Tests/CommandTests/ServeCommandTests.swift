import Foundation
import Testing
import TestModels
import TestSupport
import TextFormats

/// `ganrm serve` end to end, by requests over sockets; rows are compared with those of `ganrm score`.
@Suite(.serialized) struct ServeCommandTests {
    private let setting: ScoringFixture

    init() throws { setting = try ScoringFixture.shared.get() }

    private func serve(
        _ options: [String] = [], environment: [String: String] = [:]
    ) throws -> RunningServer {
        try RunningServer(setting.options + options, environment: environment)
    }

    private func data(_ path: String) throws -> Data { try Data(contentsOf: URL(filePath: path)) }

    private func expectedRow(_ path: String) throws -> [JSONValue.Member] {
        try setting.scoredRow(path)
    }

    private func unnamed(_ row: JSONValue) -> [JSONValue.Member] { row.withoutInput }

    @Test func `rows are those of the command, bit for bit, and failures have no number`() throws {
        let server = try serve()
        let video = try setting.media.video("serve.mp4", frames: 16)
        let expected = try expectedRow(video)
        let one = try HTTPAnswer(
            "POST", "/v1/score?id=first", port: server.port, body: try data(video))
        #expect(one.status == 200)
        #expect(try one.json()["input"] == "first")
        #expect(try unnamed(one.json()) == expected)

        let half = try data(video).prefix(300)
        let failed = try HTTPAnswer("POST", "/v1/score", port: server.port, body: Data(half))
        #expect(failed.status == 422)
        let reason = try #require(try failed.json()["error"]?.stringValue)
        #expect(reason.contains("'upload'") && !reason.contains("/proc"), "\(reason)")
        #expect(try failed.json()["score"] == nil)

        let lines =
            [("a", try data(video)), ("b", Data("no video".utf8)), ("c", try data(video))]
            .map { "{\"id\":\"\($0)\",\"media_b64\":\"\($1.base64EncodedString())\"}\n" }.joined()
            + "{\"id\":\"d\"}\n{\"media_b64\":\"*\"}\n"
        let many = try HTTPAnswer(
            "POST", "/v1/score", port: server.port, body: Data(lines.utf8),
            headers: ["Content-Type": "application/x-ndjson"])
        let rows = try many.lines()
        #expect(rows.map { $0["input"] } == ["a", "b", "c", "d", "4"])
        #expect(unnamed(rows[0]) == expected && unnamed(rows[2]) == expected)
        for row in [rows[1], rows[3], rows[4]] {
            #expect(row["error"] != nil && row["score"] == nil && row["logit"] == nil)
        }
        #expect(try HTTPAnswer("POST", "/v1/score", port: server.port).status == 400)
        #expect(try HTTPAnswer("GET", "/nothing", port: server.port).status == 404)
        #expect(one.headers["x-request-id"] != nil)
    }

    /// What `unirl/reward/remote.py` sends and takes.
    @Test func `the protocol of UniRL tells values from errors`() throws {
        let server = try serve()
        let video = try setting.media.video("unirl.mp4", frames: 16)
        let expected = try expectedRow(video)
        let health = try HTTPAnswer("GET", "/health", port: server.port).json()
        #expect(health["status"] == "ok" && health["rewards"]?["ganrm"]?.arrayValue?[0] == "logit")
        #expect(try HTTPAnswer("GET", "/rewards", port: server.port).json()["rewards"] == ["ganrm"])

        let base64 = try data(video).base64EncodedString()
        func request(_ turn: String, rewards: String = "ganrm") -> String {
            """
            {"history":[{"text":"a fox"},{"text":"more",\(turn)}],"required_rewards":["\(rewards)"],"metadata":null}
            """
        }
        let requests = [
            request("\"video_b64\":\"\(base64)\""), request("\"video_b64\":\"AAAA\""),
            request("\"video_path\":\"/etc/passwd\""),
            request("\"video_b64\":\"\(base64)\"", rewards: "clip"),
        ]
        let body = Data("{\"requests\":[\(requests.joined(separator: ","))]}".utf8)
        let answer = try HTTPAnswer("POST", "/score", port: server.port, body: body)
        #expect(answer.status == 200)
        let (results, errors) = (
            try #require(answer.json()["results"]?.arrayValue),
            try #require(answer.json()["errors"]?.arrayValue)
        )
        #expect(results.count == 4 && errors.count == 4)
        let values = try #require(results[0]["ganrm"]?.members)
        #expect(values.map(\.key) == ["logit", "score", "degenerate"])
        #expect(values[0].value == expected.first { $0.key == "logit" }?.value)
        #expect(errors[0] == [:])
        for (index, reward) in [(1, "ganrm"), (2, "ganrm"), (3, "clip")] {
            #expect(results[index] == [:])
            let reason = try #require(errors[index][reward]?.stringValue)
            #expect(!reason.contains("passwd"))
        }
        for wrong in ["", "{", "[]", "{\"requests\":1}", "\u{FFFD}"] {
            let answer = try HTTPAnswer(
                "POST", "/score", port: server.port, body: Data(wrong.utf8))
            #expect(answer.status == 400)
            #expect(try answer.json()["error"] != nil)
        }
    }

    /// Bodies and answers are those of Python's pickle.
    @Test func `pickles are read without running what they name`() throws {
        let folder = try TemporaryFolder()
        func python(_ code: String) throws -> Data {
            let path = folder.path("pickle")
            let run = try CommandRun(
                URL(filePath: "/usr/bin/env"),
                ["python3", "-c", "import collections,numpy,pickle,os,sys\n" + code, path])
            try #require(run.status == 0, "\(run.messages)")
            return try data(path)
        }
        func pickled(_ expression: String, version: Int = 4) throws -> Data {
            try python("open(sys.argv[1],'wb').write(pickle.dumps(\(expression), \(version)))")
        }
        let video = try setting.media.video("pickle.mp4", frames: 8)
        let picture = folder.path("picture.png")
        try FFmpeg.run(["-i", video, "-frames:v", "1", picture])
        let expected = try #require(
            try expectedRow(picture).first { $0.key == "logit" }?.value.doubleValue)
        let images = "([open('\(picture)','rb').read()] * 3)"
        let plain = try serve()
        #expect(
            try HTTPAnswer("POST", "/", port: plain.port, body: pickled("{}")).status == 405)

        let mark = folder.path("mark")
        let call = """
            type('X', (), {'__reduce__': lambda s: (os.system, ('touch \(mark)',))})()
            """
        let server = try serve(["--protocol", "pickle"])
        for version in [3, 4, 5] {
            // What is not read may be anything.
            let body = try pickled(
                """
                {'images': \(images), 'prompts': numpy.array(['a', 'b', 'c']), 'metadata': {
                    'n': 1 << 100, 's': {numpy.float32(1)}, 'd': collections.OrderedDict(a=1), 'c': \(call)}}
                """,
                version: version)
            let answer = try HTTPAnswer("POST", "/", port: server.port, body: body)
            #expect(answer.status == 200)
            let path = try folder.write(Array(answer.body), to: "answer")
            let read = try python(
                """
                a = pickle.load(open('\(path)', 'rb'))
                assert list(a) == ['outputs', 'scores'] and a['outputs'] == a['scores']
                open(sys.argv[1], 'w').write(' '.join(map(repr, a['scores'])))
                """)
            let values = String(decoding: read, as: UTF8.self).split(separator: " ").compactMap {
                Double($0)
            }
            #expect(values.count == 3)
            for value in values { #expect(abs(value - expected) < 1e-6) }
        }

        let refused: [(body: Data, status: Int, reason: String)] = [
            (try pickled("{'images': [\(call)]}"), 400, "not bytes"),
            (try pickled("{'images': \(call)}"), 400, "no list"),
            (try pickled("[1]"), 400, "no dictionary"),
            (try pickled("{'images': ['text']}"), 400, "not bytes"),
            (try pickled("{'images': \(images)[:1] + [b'half']}"), 422, "images[1]"),
            (Data("no pickle".utf8), 400, "no pickle"),
            (try pickled("{'images': \(images)}") + Data([0]), 400, "behind the end"),
            (Data(try pickled("{'images': \(images)}").dropLast(9)), 400, "no pickle"),
            (Data(), 400, "no pickle"),
        ]
        for (body, status, reason) in refused {
            let answer = try HTTPAnswer("POST", "/", port: server.port, body: body)
            #expect(answer.status == status)
            #expect(answer.headers["retry-after"] == nil)
            let path = try folder.write(Array(answer.body), to: "answer")
            let read = try python(
                "open(sys.argv[1], 'w').write(pickle.load(open('\(path)', 'rb'))['error'])")
            #expect(String(decoding: read, as: UTF8.self).contains(reason))
        }
        #expect(!FileManager.default.fileExists(atPath: mark))
    }

    @Test func `calls of many clients are answered with their own scores`() async throws {
        let server = try serve()
        let videos = try (0..<6).map {
            try setting.media.video("many-\($0).mp4", frames: 8, seed: $0)
        }
        let bodies = try videos.map { try data($0) }
        let expected = try videos.map { try expectedRow($0) }
        let port = server.port
        let answers = try await withThrowingTaskGroup(of: (Int, JSONValue).self) { group in
            for call in 0..<48 {
                group.addTask {
                    let video = call % bodies.count
                    return (
                        video,
                        try HTTPAnswer("POST", "/v1/score", port: port, body: bodies[video]).json()
                    )
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(answers.count == 48)
        for (video, row) in answers { #expect(unnamed(row) == expected[video]) }
        let metrics = try HTTPAnswer("GET", "/metrics", port: port).text
        #expect(metrics.contains("ganrm_items_total{kind=\"reward\",result=\"scored\"} 48\n"))
        #expect(metrics.contains("ganrm_requests_total{route=\"/v1/score\",code=\"200\"} 48\n"))
        #expect(metrics.contains("ganrm_queue_items{kind=\"reward\",state=\"waiting\"} 0\n"))
    }

    @Test func `every path but the probes wants the token`() throws {
        let token = "0123456789abcdef-secret"
        let folder = try TemporaryFolder()
        let file = try folder.write(token + "\n", to: "token")
        let server = try serve(["--token-file", file])
        for path in ["/livez", "/readyz"] {
            #expect(try HTTPAnswer("GET", path, port: server.port).status == 200)
        }
        for path in ["/health", "/rewards", "/metrics", "/v1/model"] {
            let refused = try HTTPAnswer("GET", path, port: server.port)
            #expect(
                refused.status == 401
                    && refused.headers["www-authenticate"]?.hasPrefix("Bearer\nBasic ") == true)
            for wrong in ["Bearer ", "Bearer \(token)x", "Bearer \(token.dropLast())", token] {
                let answer = try HTTPAnswer(
                    "GET", path, port: server.port, headers: ["Authorization": wrong])
                #expect(answer.status == 401)
            }
            // A browser sends what it has asked for as a password.
            let password = Data("any:\(token)".utf8).base64EncodedString()
            for right in ["Bearer \(token)", "Basic \(password)"] {
                let answer = try HTTPAnswer(
                    "GET", path, port: server.port, headers: ["Authorization": right])
                #expect(answer.status == 200)
            }
        }
        #expect(
            try HTTPAnswer("POST", "/score", port: server.port, body: Data(count: 9)).status == 401)

        for host in ["0.0.0.0", "127.example.org"] {
            #expect(try CommandRun.ganrm(["serve", "--host", host]).status == 2)
        }
        let short = try folder.write("short", to: "short")
        let run = try CommandRun.ganrm(["serve", "--token-file", short])
        #expect(run.status == 3 && run.messages.contains("holds no token"))
    }

    @Test func `a path answers other methods with those that it has`() throws {
        let server = try serve()
        for (method, path, allowed) in [
            ("GET", "/v1/score", "POST"), ("DELETE", "/v1/model", "GET, HEAD, PUT"),
            ("POST", "/livez", "GET, HEAD"), ("OPTIONS", "/score", "POST"),
            ("PUT", "/", "GET, HEAD"),
        ] {
            let answer = try HTTPAnswer(method, path, port: server.port)
            #expect(answer.status == 405 && answer.headers["allow"] == allowed, "\(path)")
        }
        #expect(try HTTPAnswer("GET", "/v1/other", port: server.port).status == 404)
    }

    @Test func `bodies that are too large, broken off or late end without a number`() throws {
        let server = try serve(["--max-body", "5000", "--deadline", "2"])
        let large = try HTTPAnswer("POST", "/v1/score", port: server.port, body: Data(count: 6000))
        #expect(large.status == 413 && large.headers["retry-after"] == nil)
        // Without a length, the limit is found while reading.
        let chunked = try HTTPConnection(port: server.port)
        chunked.send(
            HTTPAnswer.head("POST", "/v1/score", headers: ["Transfer-Encoding": "chunked"]))
        for _ in 0..<4 {
            chunked.send(Data("800\r\n".utf8) + Data(count: 0x800) + Data("\r\n".utf8))
        }
        chunked.send(Data("0\r\n\r\n".utf8))
        #expect(HTTPAnswer(chunked.readAll())?.status == 413)

        let broken = try HTTPConnection(port: server.port)
        broken.send(HTTPAnswer.head("POST", "/v1/score", headers: ["Content-Length": "4000"]))
        broken.send(Data(count: 100))
        let answer = try #require(HTTPAnswer(broken.readAll()))
        #expect(answer.status == 503 && answer.headers["retry-after"] != nil)
        #expect(try answer.json()["error"] != nil)
        #expect(try HTTPAnswer("GET", "/livez", port: server.port).status == 200)
    }

    @Test func `uploads that have only begun hold up no other call`() throws {
        let server = try serve(["--queue-bytes", "100000", "--deadline", "30"])
        let video = try setting.media.video("held.mp4", frames: 8)
        let body = try data(video)
        let begun = try ["Transfer-Encoding: chunked", "Content-Length: 1000000000"].map { line in
            let parts = line.split(separator: ":").map { $0.trimmingCharacters(in: .whitespaces) }
            let connection = try HTTPConnection(port: server.port)
            connection.send(HTTPAnswer.head("POST", "/v1/score", headers: [parts[0]: parts[1]]))
            return connection
        }
        let start = Date()
        let answer = try HTTPAnswer("POST", "/v1/score", port: server.port, body: body)
        #expect(answer.status == 200 && Date().timeIntervalSince(start) < 20)
        // More than there is room for together: they come one after another.
        begun[0].send(Data("\(String(body.count, radix: 16))\r\n".utf8) + body)
        begun[0].send(Data("\r\n0\r\n\r\n".utf8))
        #expect(try #require(HTTPAnswer(begun[0].readAll())).status == 200)
    }

    @Test func `a connection ends with the answer that says so, whatever was sent behind it`()
        throws
    {
        let server = try serve(["--max-body", "5000000"])
        let post =
            HTTPAnswer.head("POST", "/v1/score", headers: ["Content-Length": "4"])
            + Data("none".utf8)
        func kept(_ request: Data) -> Data {
            // Without the line that asks for the end.
            Data(
                String(decoding: request, as: UTF8.self)
                    .replacing("Connection: close\r\n", with: "").utf8)
        }
        for rest in [post, HTTPAnswer.head("GET", "/livez", headers: [:])] {
            let connection = try HTTPConnection(port: server.port)
            connection.send(kept(post) + kept(rest))
            let start = Date()
            let answer = try #require(HTTPAnswer(connection.readAll()))
            #expect(answer.status == 422 && answer.headers["connection"] == "close")
            #expect(Date().timeIntervalSince(start) < 30)
        }
        // A body that nobody has read.
        let refused = try HTTPConnection(port: server.port)
        refused.send(
            kept(HTTPAnswer.head("POST", "/v1/score", headers: ["Content-Length": "9000000"])))
        #expect(try #require(HTTPAnswer(refused.readAll())).status == 413)

        // curl waits a second to be asked for large bodies.
        let waiting = try HTTPConnection(port: server.port)
        waiting.send(
            HTTPAnswer.head(
                "POST", "/v1/score", headers: ["Content-Length": "4", "Expect": "100-continue"]))
        waiting.send(Data("none".utf8))
        let text = String(decoding: waiting.readAll(), as: UTF8.self)
        #expect(text.hasPrefix("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 422 "), "\(text)")
    }

    @Test func `what is no HTTP, and clients that go, are no failures of the server`() throws {
        let server = try serve()
        for bytes in ["zz\r\n", "4\r\nabcd\r\nzz\r\n"] {
            let connection = try HTTPConnection(port: server.port)
            connection.send(
                HTTPAnswer.head("POST", "/v1/score", headers: ["Transfer-Encoding": "chunked"]))
            connection.send(Data(bytes.utf8))
            if let answer = HTTPAnswer(connection.readAll()) {
                #expect([400, 499].contains(answer.status) && answer.headers["retry-after"] == nil)
            }
        }
        do {
            let gone = try HTTPConnection(port: server.port)
            gone.send(HTTPAnswer.head("POST", "/v1/score", headers: ["Content-Length": "9"]))
            gone.send(Data("half".utf8))
        }
        let end = Date(timeIntervalSinceNow: BackgroundProcess.timeoutSeconds)
        while try !HTTPAnswer("GET", "/metrics", port: server.port).text
            .contains("route=\"/v1/score\",code=\"499\"")
        {
            try #require(Date() < end)
            usleep(20_000)
        }
        let metrics = try HTTPAnswer("GET", "/metrics", port: server.port).text
        #expect(!metrics.contains("code=\"500\"") && !metrics.contains("code=\"503\""))
    }

    @Test func `a long call does not have a short one refused`() async throws {
        let server = try serve()
        let folder = try TemporaryFolder()
        let picture = folder.path("picture.png")
        try FFmpeg.run(["-f", "lavfi", "-i", "testsrc2=s=64x64", "-frames:v", "1", picture])
        let line = "{\"media_b64\":\"\(try data(picture).base64EncodedString())\"}\n"
        let port = server.port
        async let long = Task {
            try HTTPAnswer(
                "POST", "/v1/score", port: port,
                body: Data(String(repeating: line, count: 3000).utf8),
                headers: ["Content-Type": "application/x-ndjson"])
        }.value
        for _ in 0..<20 {
            let answer = try HTTPAnswer(
                "POST", "/v1/score", port: port, body: try data(picture),
                headers: ["X-Request-Timeout": "20"])
            #expect(answer.status == 200, "\(answer.text)")
        }
        #expect(try await long.lines().count == 3000)
    }

    @Test func `a signal to stop lets calls end, and one to read the model again keeps them`()
        throws
    {
        let server = try serve()
        let video = try setting.media.video("drain.mp4", frames: 16)
        let expected = try expectedRow(video)
        server.process.send(SIGHUP)
        let body = try data(video)
        #expect(
            try unnamed(HTTPAnswer("POST", "/v1/score", port: server.port, body: body).json())
                == expected)
        let end = Date(timeIntervalSinceNow: BackgroundProcess.timeoutSeconds)
        while !server.process.messages.contains("the reward model was read again") {
            try #require(Date() < end)
            usleep(20_000)
        }
        #expect(
            try unnamed(HTTPAnswer("POST", "/v1/score", port: server.port, body: body).json())
                == expected)

        // The body is complete only after the signal.
        let slow = try HTTPConnection(port: server.port)
        slow.send(
            HTTPAnswer.head("POST", "/v1/score", headers: ["Content-Length": "\(body.count)"]))
        slow.send(body.prefix(100))
        usleep(200_000)
        server.process.send(SIGTERM)
        usleep(200_000)
        slow.send(body.dropFirst(100))
        let answer = try #require(HTTPAnswer(slow.readAll()))
        #expect(answer.status == 200)
        #expect(try unnamed(answer.json()) == expected)
        #expect(try server.process.end() == 0)
    }

    @Test func `a second interrupt does not wait for calls`() throws {
        let server = try serve(["--drain", "600", "--deadline", "600"])
        let slow = try HTTPConnection(port: server.port)
        slow.send(HTTPAnswer.head("POST", "/v1/score", headers: ["Content-Length": "4000"]))
        usleep(200_000)
        server.process.send(SIGINT)
        let end = Date(timeIntervalSinceNow: BackgroundProcess.timeoutSeconds)
        // The first one closes the port.
        while (try? HTTPConnection(port: server.port)) != nil {
            try #require(Date() < end)
            usleep(20_000)
        }
        #expect(server.process.process.isRunning)
        server.process.send(SIGINT)
        #expect(try server.process.end() == SIGINT)
    }
}
