import CFFmpeg
import CUploads
import Files
import Foundation
import Frames

/// A stage that an `ffmpeg` program computes: for an FFmpeg without the encoder or the filters under the GPL.
///
/// Frames are kept in a file in memory until their end; then the program reads them, and what it wrote is decoded here.
/// The frames are those of `RoundTrip` and `FilterGraph` if both have the same versions.
final class ExternalStage: FilterStage {
    /// What the program does.
    enum Work {
        case roundTrip(RoundTripCodec)
        /// Filters that have one output frame for each input frame.
        case filters(String)

        /// What FFmpeg lacks.
        fileprivate var name: String {
            switch self {
            case .roundTrip(let codec): "encoder \(codec.encoderName)"
            case .filters(let text):
                "filter \(FilterGraph.missingFilters(in: text).joined(separator: ", "))"
            }
        }

        fileprivate var arguments: [String] {
            switch self {
            case .roundTrip(let codec):
                ["-c:v", codec.encoderName, "-threads", "1"]
                    + codec.options.sorted { $0.key < $1.key }.flatMap { ["-\($0.key)", $0.value] }
            case .filters(let text):
                // Every frame keeps a time of its own, which is not used: it is that of the input.
                ["-vf", text, "-c:v", "rawvideo", "-enc_time_base", "-1"]
            }
        }
    }

    let timeBase: AVRational
    let frameRate: AVRational

    private let work: Work
    private let format: FrameFormat
    private let program: String
    /// Times of the input frames, and the number of output frames.
    private var times: [Int64] = []
    private var outputCount = 0
    /// Files in memory: the input frames, and the output video.
    private let frames: CInt
    private let video: CInt
    private var clock: RoundTripClock?
    private var muxer: FrameMuxer?
    private var container: UnsafeMutablePointer<AVFormatContext>?
    private var decoder: UnsafeMutablePointer<AVCodecContext>?
    private var packet: UnsafeMutablePointer<AVPacket>?
    private var isEncoded = false

    /// - Throws: `MediaError.filtering` if there is no program `ffmpeg`.
    init(_ work: Work, for format: FrameFormat, input: String) throws(MediaError) {
        let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
        let programs = folders.map { "\($0)/ffmpeg" }
        guard let program = programs.first(where: { access($0, X_OK) == 0 }) else {
            throw .filtering(
                input: input,
                reason: """
                    this FFmpeg has no \(work.name), and there is no program ffmpeg, which may have it; install \
                    ffmpeg
                    """)
        }
        self.work = work
        self.format = format
        self.program = program
        if case .roundTrip = work {
            let clock = RoundTripClock(format)
            self.clock = clock
            (timeBase, frameRate) = (clock.timeBase, clock.frameRate)
        } else {
            (timeBase, frameRate) = (format.timeBase, format.frameRate)
        }
        frames = ganrm_open_memory_file()
        video = ganrm_open_memory_file()
        packet = av_packet_alloc()
        guard frames >= 0, video >= 0, packet != nil else { throw .outOfMemory(input: input) }
    }

    deinit {
        avcodec_free_context(&decoder)
        avformat_close_input(&container)
        av_packet_free(&packet)
        close(frames)
        close(video)
    }

    func send(_ frame: UnsafeMutablePointer<AVFrame>?) -> Int32 {
        do throws(MediaError) {
            guard let frame else {
                isEncoded = true
                guard let muxer else { return 0 }
                _ = try muxer.finish()
                self.muxer = nil
                return encode() ? open() : ganrm_error_external
            }
            defer { av_frame_unref(frame) }
            clock?.prepare(frame)
            times.append(frame.pointee.pts)
            if muxer == nil {
                muxer = try FrameMuxer(
                    .init(
                        container: "nut", encoders: ["rawvideo"],
                        pixelFormat: AVPixelFormat(format.pixelFormat)),
                    to: .file(Self.path(frames)), width: format.width, height: format.height,
                    frameRate: AVRational(num: timeBase.den, den: timeBase.num), colors: frame,
                    failure: { MediaError.filtering(input: "", reason: $0) })
            }
            try muxer?.write(frame)
            return 0
        } catch {
            // The muxer's reason is libav's last message, too.
            return ganrm_error_external
        }
    }

    func receive(into output: borrowing UniqueAVFrame) -> Int32 {
        guard isEncoded else { return ganrm_error_again }
        guard let container, let decoder, let packet else { return ganrm_error_eof }
        while true {
            let code = output.withFrame { avcodec_receive_frame(decoder, $0) }
            if code >= 0 {
                // Neither an encoder nor a filter under the GPL adds or drops frames.
                guard outputCount < times.count else { return ganrm_error_invalid_data }
                output.withFrame { frame in
                    frame.pointee.pts = times[outputCount]
                    frame.pointee.sample_aspect_ratio = format.pixelAspect
                    // NUT has no place for colours; those of other pixels are not those of the input.
                    guard frame.pointee.format == format.pixelFormat else { return }
                    frame.pointee.colorspace = format.colorspace
                    frame.pointee.color_range = format.range
                }
                outputCount += 1
                return code
            }
            if code == ganrm_error_eof, outputCount < times.count { return ganrm_error_external }
            if code != ganrm_error_again { return code }
            let read = av_read_frame(container, packet)
            defer { av_packet_unref(packet) }
            let sent = avcodec_send_packet(decoder, read < 0 ? nil : packet)
            guard sent >= 0 || read < 0 else { return sent }
        }
    }

    private static func path(_ descriptor: CInt) -> String { "/proc/\(getpid())/fd/\(descriptor)" }

    /// Runs the program.
    ///
    /// - Returns: Whether it succeeded.
    private func encode() -> Bool {
        let process = Process()
        process.executableURL = URL(filePath: program)
        process.arguments =
            ["-nostdin", "-v", "quiet", "-y", "-filter_threads", "1", "-copyts", "-f", "nut"]
            + ["-i", Self.path(frames)] + work.arguments + ["-f", "nut", Self.path(video)]
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return false }
        process.waitUntilExit()
        return process.terminationStatus == 0
    }

    /// Opens the coded video. Returns libav's code.
    private func open() -> Int32 {
        let opened = avformat_open_input(
            &container, Self.path(video), av_find_input_format("nut"), nil)
        guard opened >= 0 else { return opened }
        let found = avformat_find_stream_info(container, nil)
        guard found >= 0, let stream = container?.pointee.streams[0],
            let codec = avcodec_find_decoder(stream.pointee.codecpar.pointee.codec_id)
        else { return min(found, ganrm_error_invalid_data) }
        decoder = avcodec_alloc_context3(codec)
        guard let decoder else { return ganrm_error_memory }
        let copied = avcodec_parameters_to_context(decoder, stream.pointee.codecpar)
        guard copied >= 0 else { return copied }
        decoder.pointee.pkt_timebase = stream.pointee.time_base
        decoder.pointee.thread_count = 1
        return min(avcodec_open2(decoder, codec, nil), 0)
    }
}
