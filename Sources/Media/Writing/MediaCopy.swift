import CFFmpeg
import Files
import Frames

/// Encodes an input, or a region of its frames, to a new file, for trainers that read files.
///
/// Videos become H.264 in MP4 (`yuv420p`, timestamps rounded to the frame rate), images PNG. A
/// region with even offsets and size is cropped without changing its pixels; an odd side loses a
/// row or a column, which `yuv420p` cannot represent. Audio is dropped.
public struct MediaCopy: Sendable, Hashable {
    /// H.264 constant rate factor, 0...51: 0 is lossless, 18 looks lossless, 51 is the worst
    /// quality.
    public var crf: Int
    public var options: MediaOptions

    public init(crf: Int = 0, options: MediaOptions = .init()) {
        precondition((0...51).contains(crf))
        self.crf = crf
        self.options = options
    }

    /// File name extension of the copy: `mp4`, or `png` for an image.
    ///
    /// - Throws: `MediaError` if the input cannot be read.
    public func fileExtension(for source: InputSource) throws(MediaError) -> String {
        try MediaReader(source, options: options).info.kind == .image ? "png" : "mp4"
    }

    /// Writes the copy atomically; an existing file is replaced.
    ///
    /// - Throws: `MediaError`; `.file` if the file cannot be written, or if the input is
    ///   damaged, which the copy would hide.
    public func write(_ source: InputSource, to path: String) throws(MediaError) {
        let (source, resolved) = source.resolved(options)
        var options = resolved
        options.filtering.outputFormat = "yuv420p,crop=trunc(iw/2)*2:trunc(ih/2)*2"
        if options.filtering.isEmpty { options.filtering.steps = [.filters("null")] }
        var reader = try MediaReader(source, options: options)
        let isImage = reader.info.kind == .image
        if isImage {
            options.filtering.outputFormat = "rgb24"
            reader = try MediaReader(source, options: options)
        }
        try AtomicFile.create(path, failing: MediaError.file) { (temporary) throws(MediaError) in
            try encode(&reader, to: temporary, isImage: isImage) {
                .file(FileError(.write, path, .file($0)))
            }
        }
    }

    /// Encodes the frames of a reader.
    ///
    /// - Parameter failure: Makes an error from a reason.
    private func encode(
        _ reader: inout MediaReader, to path: String, isImage: Bool,
        failure: @escaping (String) -> MediaError
    ) throws(MediaError) {
        let rate = av_d2q(reader.info.frameRate ?? 25, 1001 * 240)
        var muxer: FrameMuxer?
        var last: Int64 = -1
        while let time = try reader.advance() {
            try reader.withAVFrame { (frame) throws(MediaError) in
                let current: FrameMuxer
                if let muxer {
                    current = muxer
                } else {
                    current = try FrameMuxer(
                        isImage ? Self.png : Self.mp4(crf: crf), to: .file(path),
                        width: frame.pointee.width, height: frame.pointee.height,
                        frameRate: rate, colors: frame, failure: failure)
                    muxer = current
                }
                // Keeps every frame, even where timestamps are closer than the frame rate.
                let seconds = time.ptsSeconds ?? Double(time.index) * av_q2d(av_inv_q(rate))
                let tick = (seconds * av_q2d(rate)).rounded()
                last = max(Int64(exactly: tick) ?? last + 1, last + 1)
                frame.pointee.pts = last
                frame.pointee.pict_type = AV_PICTURE_TYPE_NONE
                try current.write(frame)
            }
        }
        _ = try muxer?.finish()
        if let reason = reader.truncation { throw failure("the input is damaged: \(reason)") }
    }

    static func mp4(crf: Int) -> FrameMuxer.Format {
        let codec = RoundTripCodec.h264(crf: crf)
        return FrameMuxer.Format(
            container: "mp4", encoders: [codec.encoderName], pixelFormat: AV_PIX_FMT_YUV420P,
            options: codec.options.sorted { $0.key < $1.key }.map { ($0.key, $0.value) },
            containerOptions: [("movflags", "+faststart")])
    }

    private static var png: FrameMuxer.Format {
        FrameMuxer.Format(
            container: "image2pipe", encoders: ["png"], pixelFormat: AV_PIX_FMT_RGB24)
    }
}
