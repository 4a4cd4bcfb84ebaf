import Encoders
import Foundation
import ModelCatalogue
import ModelDownloads
import Tensors
import Testing
import TestSupport
import Tokenizers

/// `pull` from a local hub that misbehaves. Every pull ends with the right bytes in the cache, or
/// with an error and no weight file in the cache.
@Suite(.serialized) struct HubPullTests {
    typealias Reply = LoopbackServer.Reply
    typealias Request = LoopbackServer.Request

    /// Calls `body` with a downloader whose hub replies with `handler`.
    private func withHub(
        token: String? = nil, _ handler: @escaping @Sendable (Request, Int) -> Reply,
        _ body: (ModelDownloader, LoopbackServer) throws -> Void
    ) throws {
        let server = try LoopbackServer(handler)
        defer { server.stop() }
        try withCache { home in
            let hub = HubSettings(endpoint: server.endpoint, token: token, retryDelay: 0.001)
            let cache = ModelCache(home: home)
            try body(ModelDownloader(cache: cache, offline: false, hub: hub), server)
        }
    }

    private func expectWeights(_ path: String, in cache: ModelCache) throws {
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == TinyDINOv2.content())
        #expect(files(cache.home) == ["model.json", "model.safetensors"])
    }

    @Test func `a file is requested at its hub address`() throws {
        let content = try TinyDINOv2.content()
        try withHub { _, _ in
            Reply(body: content)
        } _: { downloader, server in
            let entry = TinyDINOv2.entry(
                .hub(repository: "lab/tiny", file: "sub/model.safetensors", revision: "refs/pr/1"))
            try expectWeights(try downloader.pull(entry), in: downloader.cache)
            #expect(
                server.requests.map(\.path) == [
                    "/lab/tiny/resolve/refs%2Fpr%2F1/sub/model.safetensors"
                ])
            #expect(server.requests[0].headers["authorization"] == nil)
            // A present file is not requested again.
            _ = try downloader.pull(entry)
            #expect(server.requests.count == 1)
        }
    }

    @Test func `progress ends at the length of the file`() throws {
        let content = try TinyDINOv2.content()
        try withHub { _, _ in
            Reply(body: content)
        } _: { downloader, _ in
            nonisolated(unsafe) var events: [PullEvent] = []
            try downloader.pull(TinyDINOv2.entry()) { events.append($0) }
            #expect(events.contains(.receiving(byteCount: content.count, total: content.count)))
            #expect(events.last == .verifying)
        }
    }

    @Test func `a dropped connection is resumed at its offset`() throws {
        let content = try TinyDINOv2.content()
        try withHub { request, _ in
            let start = request.rangeStart ?? 0
            // At most 10000 bytes of the announced length per reply.
            return Reply(
                status: start > 0 ? 206 : 200,
                headers: [
                    "ETag": "\"v1\"",
                    "Content-Range": "bytes \(start)-\(content.count - 1)/\(content.count)",
                ],
                body: content[start..<min(start + 10_000, content.count)],
                announcedLength: content.count - start)
        } _: { downloader, server in
            try expectWeights(try downloader.pull(TinyDINOv2.entry()), in: downloader.cache)
            #expect(server.requests.map(\.rangeStart) == [nil, 10_000, 20_000])
            #expect(server.requests[1].headers["if-range"] == "\"v1\"")
        }
    }

    @Test func `a later pull resumes an earlier one`() throws {
        let content = try TinyDINOv2.content()
        let isDown = Switch()
        try withHub { request, _ in
            if let start = request.rangeStart {
                if isDown.isOn { return Reply(status: 503) }
                return Reply(
                    status: 206,
                    headers: ["Content-Range": "bytes \(start)-\(content.count - 1)/*"],
                    body: content[start...])
            }
            return Reply(
                headers: ["ETag": "\"v1\""], body: content.prefix(5000),
                announcedLength: content.count)
        } _: { downloader, server in
            isDown.isOn = true
            let error = #expect(throws: CatalogueError.self) {
                try downloader.pull(TinyDINOv2.entry())
            }
            #expect(error?.description.contains("503") == true)
            #expect(error?.description.contains("run the command again") == true)
            isDown.isOn = false
            let before = server.requests.count
            try expectWeights(try downloader.pull(TinyDINOv2.entry()), in: downloader.cache)
            #expect(server.requests.dropFirst(before).map(\.rangeStart) == [5000])
        }
    }

    @Test func `a reply that ignores the range is read from the start`() throws {
        let content = try TinyDINOv2.content()
        try withHub { _, index in
            Reply(
                headers: ["ETag": "\"v1\""], body: index == 0 ? content.prefix(9000) : content,
                announcedLength: content.count)
        } _: { downloader, server in
            try expectWeights(try downloader.pull(TinyDINOv2.entry()), in: downloader.cache)
            #expect(server.requests.map(\.rangeStart) == [nil, 9000])
        }
    }

    @Test func `a reply with another range is not appended`() throws {
        let content = try TinyDINOv2.content()
        try withHub { request, index in
            switch index {
            case 0:
                Reply(
                    headers: ["ETag": "\"v1\""], body: content.prefix(9000),
                    announcedLength: content.count)
            case 1:
                Reply(
                    status: 206, headers: ["Content-Range": "bytes 100-199/\(content.count)"],
                    body: content[100..<200])
            default: Reply(body: content)
            }
        } _: { downloader, _ in
            try expectWeights(try downloader.pull(TinyDINOv2.entry()), in: downloader.cache)
        }
    }

    @Test func `a partial file damaged on disk is fetched again`() throws {
        let content = try TinyDINOv2.content()
        let isDown = Switch()
        isDown.isOn = true
        try withHub { request, index in
            if let start = request.rangeStart {
                if isDown.isOn { return Reply(status: 500) }
                return Reply(
                    status: 206,
                    headers: [
                        "Content-Range": "bytes \(start)-\(content.count - 1)/\(content.count)"
                    ], body: content[start...])
            }
            return Reply(
                headers: ["ETag": "\"v1\""], body: isDown.isOn ? content.prefix(5000) : content,
                announcedLength: content.count)
        } _: { downloader, _ in
            let entry = TinyDINOv2.entry(sha256: sha256(content))
            #expect(throws: CatalogueError.self) { try downloader.pull(entry) }
            let part = try #require(files(downloader.cache.home).first { $0.hasSuffix(".part") })
            let url = URL(fileURLWithPath: "\(downloader.cache.home)/models/tiny/\(part)")
            var bytes = try Data(contentsOf: url)
            bytes[17] ^= 0xff
            try bytes.write(to: url)
            isDown.isOn = false
            try expectWeights(try downloader.pull(entry), in: downloader.cache)
        }
    }

    @Test(arguments: [500, 502, 503, 429, 408])
    func `a temporary server error is retried`(status: Int) throws {
        let content = try TinyDINOv2.content()
        try withHub { _, index in
            index < 2 ? Reply(status: status, headers: ["Retry-After": "0"]) : Reply(body: content)
        } _: { downloader, server in
            try expectWeights(try downloader.pull(TinyDINOv2.entry()), in: downloader.cache)
            #expect(server.requests.count == 3)
        }
    }

    @Test func `a permanent server error is given up after some attempts`() throws {
        try withHub { _, _ in
            Reply(status: 500)
        } _: { downloader, server in
            let error = #expect(throws: CatalogueError.self) {
                try downloader.pull(TinyDINOv2.entry())
            }
            #expect(error?.description.contains("the server answers 500, 5 attempts") == true)
            #expect(server.requests.count == 5)
            #expect(files(downloader.cache.home) == [])
        }
    }

    @Test func `a body without end is not kept`() throws {
        let content = try TinyDINOv2.content()
        try withHub { _, _ in
            Reply(body: content, isEndless: true)
        } _: { downloader, server in
            #expect(
                throws: CatalogueError.tooLong(
                    url: server.endpoint + "/lab/tiny/resolve/main/model.safetensors",
                    limit: content.count)
            ) { try downloader.pull(TinyDINOv2.entry(byteCount: content.count)) }
            #expect(files(downloader.cache.home) == [])
        }
    }

    @Test(arguments: [302, 404])
    func `the body of a redirect or an error is not read`(status: Int) throws {
        let content = try TinyDINOv2.content()
        try withHub { request, _ in
            request.path == "/moved"
                ? Reply(body: content)
                : Reply(
                    status: status, headers: ["Location": "/moved"], body: content,
                    isEndless: true)
        } _: { downloader, _ in
            if status == 302 {
                try expectWeights(try downloader.pull(TinyDINOv2.entry()), in: downloader.cache)
            } else {
                #expect(throws: CatalogueError.self) { try downloader.pull(TinyDINOv2.entry()) }
            }
        }
    }

    @Test func `headers without end are an error`() throws {
        try withHub { _, _ in
            Reply(hasEndlessHeaders: true)
        } _: { downloader, _ in
            let error = #expect(throws: CatalogueError.self) {
                try downloader.pull(TinyDINOv2.entry())
            }
            #expect(error?.description.contains("headers") == true, "\(error as Any)")
        }
    }

    @Test func `the token is sent only to the hub`() throws {
        let content = try TinyDINOv2.content()
        let storage = try LoopbackServer { _, _ in Reply(body: content) }
        defer { storage.stop() }
        let target = storage.endpoint + "/blob?signature=x"
        try withHub(token: "hf_secret") { request, _ in
            request.path == "/moved"
                ? Reply(status: 302, headers: ["Location": target])
                : Reply(status: 307, headers: ["Location": "/moved"])
        } _: { downloader, server in
            try expectWeights(try downloader.pull(TinyDINOv2.entry()), in: downloader.cache)
            #expect(server.requests.count == 2)
            for request in server.requests {
                #expect(request.headers["authorization"] == "Bearer hf_secret")
            }
            #expect(storage.requests.map(\.path) == ["/blob?signature=x"])
            #expect(storage.requests[0].headers["authorization"] == nil)
        }
    }

    @Test func `checksum and size are taken from the hub, not from the storage server`() throws {
        let content = try TinyDINOv2.content()
        let storage = try LoopbackServer { _, _ in
            Reply(headers: ["ETag": "\"0123\""], body: content)
        }
        defer { storage.stop() }
        let target = storage.endpoint + "/blob"
        let wrong = String(repeating: "0", count: 64)
        try withHub { _, _ in
            Reply(
                status: 302,
                headers: [
                    "Location": target, "X-Linked-Etag": "\"\(wrong)\"",
                    "X-Linked-Size": "\(content.count)",
                ])
        } _: { downloader, _ in
            let error = #expect(throws: CatalogueError.self) {
                try downloader.pull(TinyDINOv2.entry())
            }
            #expect(
                error
                    == .wrongHash(name: "tiny", expected: wrong, found: sha256(content)))
            #expect(files(downloader.cache.home) == [])
            // A mismatch with the catalogue's checksum is detected without a download.
            let before = storage.requests.count
            #expect(throws: CatalogueError.self) {
                try downloader.pull(TinyDINOv2.entry(sha256: sha256(content)))
            }
            #expect(storage.requests.count == before)
        }
    }

    @Test func `a file of the wrong length or content is not kept`() throws {
        let content = try TinyDINOv2.content()
        try withHub { _, _ in
            Reply(headers: ["X-Linked-Size": "\(content.count + 1)"], body: content)
        } _: { downloader, _ in
            #expect(
                throws: CatalogueError.wrongLength(
                    name: "tiny", expected: content.count + 1, found: content.count)
            ) { try downloader.pull(TinyDINOv2.entry()) }
            #expect(files(downloader.cache.home) == [])
        }
        try withHub { _, _ in
            Reply(body: content)
        } _: { downloader, _ in
            let error = #expect(throws: CatalogueError.self) {
                try downloader.pull(TinyDINOv2.entry(sha256: String(repeating: "a", count: 64)))
            }
            #expect(error?.description.contains(sha256(content)) == true)
            #expect(files(downloader.cache.home) == [])
        }
    }

    @Test func `a file larger than the free disk space is not downloaded`() throws {
        try withHub { _, _ in
            Reply(body: Data(count: 100), announcedLength: 1 << 60)
        } _: { downloader, server in
            let error = #expect(throws: CatalogueError.self) {
                try downloader.pull(TinyDINOv2.entry())
            }
            #expect(error?.description.contains("bytes to come") == true)
            #expect(server.requests.count == 1)
        }
    }

    @Test func `a web page instead of weights is not kept`() throws {
        try withHub { _, _ in
            Reply(body: Data("<html>sign in</html>".utf8))
        } _: { downloader, _ in
            let error = #expect(throws: CatalogueError.self) {
                try downloader.pull(TinyDINOv2.entry())
            }
            #expect(error?.description.contains("is a web page") == true)
            #expect(files(downloader.cache.home) == [])
        }
    }

    /// The model of `fixtures/encoders/text.py`, whose text side has a vocabulary of 530 symbols.
    private func textEntry() -> CatalogueEntry {
        CatalogueEntry(
            name: "tiny",
            configuration: .transformer(
                .init(
                    imageSize: 35, patchSize: 7, width: 64, layers: 2, heads: 2, hiddenWidth: 128)),
            preprocessing: Catalogue.entries[0].preprocessing!,
            source: .hub(repository: "lab/text", file: "model.safetensors", revision: "main"),
            text: TextTower(
                configuration: .init(
                    width: 48, layers: 3, heads: 3, vocabularyCount: 530, embeddingWidth: 40),
                tokenizer: .openAI),
            vocabulary: .hub(repository: "lab/words", file: "merges.txt", revision: "main"),
            licence: "none")
    }

    /// The weights of `textEntry`.
    private func textWeights() throws -> Data {
        let file = try WeightFile.open(Fixture.path("encoders/tiny-text-hugging-face.safetensors"))
        var tensors: [String: Tensor] = [:]
        for (name, tensor) in file.tensors where name.hasPrefix("weights.") {
            tensors[String(name.dropFirst("weights.".count))] = tensor.tensor()
        }
        return Safetensors.encode(tensors)
    }

    @Test func `the vocabulary of a text side comes with the weights`() throws {
        let (weights, merges) = (
            try textWeights(), Data(("#\n" + String(repeating: "a b\n", count: 16)).utf8)
        )
        try withHub { request, _ in
            Reply(body: request.path.hasSuffix("/merges.txt") ? merges : weights)
        } _: { downloader, server in
            _ = try downloader.pull(textEntry())
            #expect(
                server.requests.map(\.path) == [
                    "/lab/text/resolve/main/model.safetensors",
                    "/lab/words/resolve/main/merges.txt",
                ])
            let cache = downloader.cache
            #expect(files(cache.home) == ["model.json", "model.safetensors", "vocabulary.txt"])
            #expect(
                try Data(contentsOf: URL(filePath: cache.home + "/models/tiny/vocabulary.txt"))
                    == merges)
            _ = try downloader.pull(textEntry())
            #expect(server.requests.count == 2)
        }
    }

    @Test func `a vocabulary that is none is not kept, and the weights are`() throws {
        let weights = try textWeights()
        try withHub { request, _ in
            Reply(
                body: request.path.hasSuffix("/merges.txt")
                    ? Data("<html>sign in</html>".utf8) : weights)
        } _: { downloader, server in
            for pull in 1...2 {
                let error = #expect(throws: CatalogueError.self) {
                    try downloader.pull(textEntry())
                }
                #expect(error?.description.contains("is not the model's vocabulary") == true)
                #expect(files(downloader.cache.home) == ["model.json", "model.safetensors"])
                // The second pull asks for the vocabulary alone.
                #expect(server.requests.count == 1 + pull)
            }
        }
    }

    @Test(arguments: [
        (401, nil, "set HF_TOKEN"), (403, "hf_x", "accept the model's terms"),
        (404, nil, "does not exist"), (418, nil, "answers 418"),
    ])
    func `a client error gives advice and is not retried`(
        status: Int, token: String?, reason: String
    ) throws {
        try withHub(token: token) { _, _ in
            Reply(status: status)
        } _: { downloader, server in
            let error = #expect(throws: CatalogueError.self) {
                try downloader.pull(TinyDINOv2.entry())
            }
            #expect(error?.description.contains(reason) == true)
            #expect(server.requests.count == 1)
        }
    }

    @Test func `a redirect loop or a redirect to a file is refused`() throws {
        try withHub { _, _ in
            Reply(status: 302, headers: ["Location": "/again"])
        } _: { downloader, _ in
            #expect(throws: CatalogueError.self) { try downloader.pull(TinyDINOv2.entry()) }
        }
        try withHub { _, _ in
            Reply(status: 302, headers: ["Location": "file:///etc/passwd"])
        } _: { downloader, _ in
            #expect(throws: CatalogueError.badURL(text: "file:///etc/passwd")) {
                try downloader.pull(TinyDINOv2.entry())
            }
        }
    }

    @Test func `offline mode sends no request`() throws {
        try withHub { _, _ in
            Reply(status: 404)
        } _: { downloader, server in
            let offline = ModelDownloader(
                cache: downloader.cache, offline: true, hub: downloader.hub)
            let url = "\(server.endpoint)/lab/tiny/resolve/main/model.safetensors"
            let download = ManualDownload(name: "tiny", url: url, file: "model.safetensors")
            #expect(throws: CatalogueError.offline(download)) {
                try offline.pull(TinyDINOv2.entry())
            }
            #expect(
                CatalogueError.offline(download).description.hasSuffix(
                    "get \(url) on another machine, then run: ganrm models import tiny model.safetensors"
                ))
            #expect(server.requests.isEmpty)
            #expect(!FileManager.default.fileExists(atPath: downloader.cache.home + "/models"))
        }
    }

    @Test(arguments: ["http://127.0.0.1:1", "http://hub.invalid"])
    func `without a connection the error names the import at once`(endpoint: String) throws {
        try withCache { home in
            // Nobody listens on port 1 of this machine. A retry would take a minute.
            let hub = HubSettings(endpoint: endpoint, retryDelay: 60)
            let downloader = ModelDownloader(
                cache: ModelCache(home: home), offline: false, hub: hub)
            let error = #expect(throws: CatalogueError.self) {
                try downloader.pull(TinyDINOv2.entry())
            }
            let text = try #require(error?.description)
            #expect(text.hasPrefix("cannot reach '\(endpoint)/lab/tiny/resolve/main/"))
            #expect(text.contains("ganrm models import tiny model.safetensors"))
        }
    }

    @Test func `the error for an unwritable folder names GANRM_HOME`() throws {
        try withHub { _, _ in
            Reply(status: 404)
        } _: { downloader, _ in
            try Data().write(to: URL(fileURLWithPath: downloader.cache.home + "/models"))
            let error = #expect(throws: CatalogueError.self) {
                try downloader.pull(TinyDINOv2.entry())
            }
            #expect(error?.description.contains("GANRM_HOME") == true)
        }
    }

    @Test func `concurrent pulls download the file once`() async throws {
        let content = try TinyDINOv2.content()
        let server = try LoopbackServer { _, _ in
            Thread.sleep(forTimeInterval: 0.2)
            return Reply(body: content)
        }
        defer { server.stop() }
        let folder = try TemporaryFolder()
        let downloader = ModelDownloader(
            cache: ModelCache(home: folder.path), offline: false,
            hub: HubSettings(endpoint: server.endpoint))
        let paths = try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<2 { group.addTask { try downloader.pull(TinyDINOv2.entry()) } }
            return try await group.reduce(into: Set<String>()) { $0.insert($1) }
        }
        #expect(paths.count == 1)
        #expect(server.requests.count == 1)
    }

    @Test func `the hub and the token come from the environment`() {
        let settings = HubSettings(environment: [
            "HF_ENDPOINT": "https://mirror.example/", "HF_TOKEN": " hf_x\n",
        ])
        #expect(settings.endpoint == "https://mirror.example")
        #expect(settings.token == "hf_x")
        #expect(HubSettings(environment: ["HF_TOKEN": ""]).token == nil)
    }
}

/// A flag that a test sets while the server's thread reads it.
private final class Switch: @unchecked Sendable {
    private let mutex = NSLock()
    private var state = false

    var isOn: Bool {
        get { mutex.withLock { state } }
        set { mutex.withLock { state = newValue } }
    }
}
