import Foundation
import Media
import Testing
import TestSupport

@Suite struct AddressTests {
    let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    @Test func `reads a video over http`() throws {
        let path = try folder.make("a.mkv")
        let bytes = Data(try folder.bytes("a.mkv"))
        let server = try LoopbackServer { _, _ in .init(body: bytes) }
        defer { server.stop() }
        #expect(try Reading("\(server.endpoint)/a.mkv").frames == Reading(path).frames)
    }

    @Test func `a broken connection gives the frames received so far`() throws {
        _ = try folder.make("a.mkv", source: "testsrc2=s=320x240:r=10:d=4")
        let bytes = try folder.bytes("a.mkv")
        let server = try LoopbackServer { _, _ in
            .init(body: Data(bytes.prefix(bytes.count / 2)), announcedLength: bytes.count)
        }
        defer { server.stop() }
        let reading = try Reading("\(server.endpoint)/a.mkv")
        #expect((5..<36).contains(reading.frames.count))
        #expect(reading.truncation != nil)
    }

    @Test func `the error contains the HTTP status`() throws {
        let server = try LoopbackServer { _, _ in .init(status: 404) }
        defer { server.stop() }
        let error = try #require(mediaError("\(server.endpoint)/a.mp4"))
        #expect(error.description.contains("404 Not Found"))
    }

    @Test func `respects the time-out`() throws {
        let server = try LoopbackServer { _, _ in .init(isSilent: true) }
        defer { server.stop() }
        let url = "\(server.endpoint)/a.mp4"
        let clock = ContinuousClock()
        let waited = clock.measure {
            #expect(
                mediaError(url, options: MediaOptions(timeoutSeconds: 0.5))
                    == .timedOut(input: url, seconds: 0.5))
        }
        #expect(waited < .seconds(20))
    }

    @Test func `a playlist at an address is refused`() throws {
        let playlist = "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfile:///etc/passwd\n"
        let server = try LoopbackServer { _, _ in .init(body: Data(playlist.utf8)) }
        defer { server.stop() }
        let url = "\(server.endpoint)/a.mp4"
        #expect(mediaError(url) == .nestedInput(input: url, format: "hls"))
    }
}
