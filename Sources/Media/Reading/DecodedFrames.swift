import CFFmpeg
import Frames

/// The decoded frames of one input, the same for any number of decoding threads.
///
/// At the first sign of damage decoding restarts with a single thread and resumes at the same frame:
/// with several threads error concealment is not deterministic.
final class DecodedFrames: DecodedSource {
    /// The current stream; another one after a restart.
    private(set) var stream: FrameStream
    private let source: InputSource
    private let options: MediaOptions

    /// - Parameter bytes: The source's bytes, if they are open.
    init(
        _ source: InputSource, options: MediaOptions, bytes: ByteStream? = nil
    ) throws(MediaError) {
        var options = options
        // An input that cannot be read twice cannot restart.
        if !source.isRegularFile { options.threadCount = 1 }
        stream = try FrameStream(source, options: options, bytes: bytes)
        self.source = source
        self.options = options
    }

    func next(into output: borrowing UniqueAVFrame) throws(MediaError) -> FrameTime? {
        let time = try stream.next(into: output)
        guard stream.threadCount > 1, stream.decoder.hasErrors else { return time }
        let index = time?.index ?? stream.frameCount
        var options = options
        options.threadCount = 1
        stream = try FrameStream(source, options: options)
        while let time = try stream.next(into: output) {
            if time.index >= index { return time }
        }
        return nil
    }

    var properties: SourceProperties {
        let demuxer = stream.demuxer
        return SourceProperties(
            input: demuxer.input, formatName: demuxer.formatName,
            codecName: stream.decoder.codecName,
            mayBeStill: DemuxerPolicy.mayBeStill(
                demuxer.formatName, majorBrand: demuxer.majorBrand),
            timeBase: demuxer.stream.pointee.time_base, frameRate: demuxer.guessedFrameRate,
            durationSeconds: demuxer.durationSeconds, isLive: demuxer.isLive)
    }

    var truncation: String? { stream.truncation }

    var knownTimeline: FrameTimeline? {
        guard !stream.demuxer.hasVariableRate else { return nil }
        return stream.demuxer.indexedFrameCount.map { FrameTimeline(count: $0) }
    }

    func orientation(of frame: UnsafeMutablePointer<AVFrame>) -> Orientation {
        stream.orientation(of: frame)
    }
}
