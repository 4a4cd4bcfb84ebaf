public import Frames
public import Media
public import Testing

/// Everything that a reader returns for an input.
public struct Reading {
    public var info: MediaInfo
    public var times: [FrameTime] = []
    public var frames: [Frame] = []
    public var truncation: String?

    public var pixels: [UInt8] {
        frames.flatMap(\.pixels)
    }

    public init(_ source: InputSource, options: MediaOptions = .init()) throws {
        let reader = try MediaReader(source, options: options)
        info = reader.info
        while let time = try reader.advance() {
            times.append(time)
            frames.append(try reader.frame())
        }
        truncation = reader.truncation
    }

    public init(_ path: String, options: MediaOptions = .init()) throws {
        try self.init(.path(path), options: options)
    }
}

/// The error of opening an input and reading it to its end, or nil.
public func mediaError(_ path: String, options: MediaOptions = .init()) -> MediaError? {
    do {
        _ = try Reading(path, options: options)
        return nil
    } catch {
        return error as? MediaError
    }
}

/// Compares pixels; a failure prints the largest difference instead of all bytes.
public func expectSamePixels(
    _ ours: [UInt8], _ theirs: [UInt8], sourceLocation: SourceLocation = #_sourceLocation
) {
    #expect(ours.count == theirs.count, sourceLocation: sourceLocation)
    let difference = zip(ours, theirs).reduce(0) { max($0, abs(Int($1.0) - Int($1.1))) }
    #expect(difference == 0, "largest difference \(difference)", sourceLocation: sourceLocation)
}
