import Frames
import Media
import Testing

/// Everything that a reader gives.
struct Reading {
    var info: MediaInfo
    var times: [FrameTime] = []
    var frames: [Frame] = []
    var truncation: String?

    var pixels: [UInt8] {
        frames.flatMap(\.pixels)
    }

    init(_ source: InputSource, options: MediaOptions = .init()) throws {
        let reader = try MediaReader(source, options: options)
        info = reader.info
        while let time = try reader.advance() {
            times.append(time)
            frames.append(try reader.frame())
        }
        truncation = reader.truncation
    }

    init(_ path: String, options: MediaOptions = .init()) throws {
        try self.init(.path(path), options: options)
    }
}

/// The error that opening or reading an input to its end gives.
func mediaError(_ path: String, options: MediaOptions = .init()) -> MediaError? {
    do {
        _ = try Reading(path, options: options)
        return nil
    } catch {
        return error as? MediaError
    }
}

/// Fails with figures instead of printing millions of bytes.
func expectSamePixels(
    _ ours: [UInt8], _ theirs: [UInt8], sourceLocation: SourceLocation = #_sourceLocation
) {
    #expect(ours.count == theirs.count, sourceLocation: sourceLocation)
    let difference = zip(ours, theirs).reduce(0) { max($0, abs(Int($1.0) - Int($1.1))) }
    #expect(difference == 0, "largest difference \(difference)", sourceLocation: sourceLocation)
}
