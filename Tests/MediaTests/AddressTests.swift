import Media
import Testing

@Suite struct AddressTests {
    let workspace: Workspace

    init() throws {
        workspace = try Workspace()
    }

    @Test func `reads a video over http`() throws {
        let path = try workspace.make("a.mkv")
        let server = try LoopbackServer(
            answer: LoopbackServer.answer(try workspace.bytes("a.mkv")))
        #expect(try Reading(server.url("a.mkv")).frames == Reading(path).frames)
    }

    @Test func `a connection that breaks gives the frames that came`() throws {
        _ = try workspace.make("a.mkv", source: "testsrc2=s=320x240:r=10:d=4")
        let bytes = try workspace.bytes("a.mkv")
        let server = try LoopbackServer(
            answer: LoopbackServer.answer(
                Array(bytes.prefix(bytes.count / 2)), length: bytes.count))
        let reading = try Reading(server.url("a.mkv"))
        #expect((5..<36).contains(reading.frames.count))
        #expect(reading.truncation != nil)
    }

    @Test func `says what the server says`() throws {
        let server = try LoopbackServer(
            answer: LoopbackServer.answer([], status: "404 Not Found"))
        let error = try #require(mediaError(server.url("a.mp4")))
        #expect(error.description.contains("404 Not Found"))
    }

    @Test func `does not wait longer than it is told`() throws {
        let server = try LoopbackServer(answer: [], silent: true)
        let url = server.url("a.mp4")
        let clock = ContinuousClock()
        let waited = clock.measure {
            #expect(
                mediaError(url, options: MediaOptions(timeoutSeconds: 0.5))
                    == .timedOut(input: url, seconds: 0.5))
        }
        #expect(waited < .seconds(20))
    }

    @Test func `a playlist behind an address opens nothing`() throws {
        let playlist = "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfile:///etc/passwd\n"
        let server = try LoopbackServer(answer: LoopbackServer.answer(Array(playlist.utf8)))
        let url = server.url("a.mp4")
        #expect(mediaError(url) == .nestedInput(input: url, format: "hls"))
    }
}
