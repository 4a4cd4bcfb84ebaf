import CFFmpeg
import Frames

/// A treatment at work on one input: draws decoded frames, gives treated ones.
///
/// Stages are opened by the first frame that reaches them; one that differs in size or pixel format ends
/// the stage, whose last frames come first, and opens it anew, as the command does.
final class FrameTreater {
    /// A stage and what it waits with.
    private final class Layer {
        let kind: FrameStageKind
        var stage: (any FrameStage)?
        var format: FrameFormat?
        /// The frame to be sent next, if `isPending`.
        let frame = Picture()
        /// Whether `frame` waits for the stage to end and to be opened anew.
        var isPending = false
        /// Whether no further frame will come.
        var isEnded = false

        init(_ kind: FrameStageKind) { self.kind = kind }
    }

    private let layers: [Layer]
    private let input: String
    private let timeBase: AVRational
    private let frameRate: AVRational
    private let seconds: Double?
    private let isStill: Bool
    private var clock: FrameClock?
    private var frameCount = 0
    /// Time of the last decoded frame and its distance to the one before, in seconds.
    private var lastSeconds: Double?
    private var lastStep = 0.0
    /// Seconds taken out of gaps so far.
    private var closedSeconds = 0.0

    /// Longest time without a frame, in seconds: `fps` would fill what a damaged time stamp claims with
    /// millions of frames.
    private static let longestGap = 60.0

    /// - Parameter demuxer: Of the input; borrowed during the call only.
    init(_ treatment: FrameTreatment, demuxer: Demuxer, isStill: Bool) {
        layers = treatment.stages(isStill: isStill).map(Layer.init)
        input = demuxer.input
        timeBase = demuxer.stream.pointee.time_base
        frameRate = demuxer.guessedFrameRate
        seconds = demuxer.durationSeconds
        self.isStill = isStill
    }

    /// Frames per second that come out, if known; call after the first frame.
    var treatedFrameRate: Double? {
        let rate = layers.last?.stage?.frameRate ?? frameRate
        return rate.num > 0 && rate.den > 0 ? Double(rate.num) / Double(rate.den) : nil
    }

    /// The next treated frame; nil at the end.
    ///
    /// - Parameters:
    ///   - orientation: How a decoded frame is to be turned.
    ///   - decode: Gives the next decoded frame, nil at the end.
    func next(
        into picture: borrowing Picture,
        orientation: (UnsafeMutablePointer<AVFrame>) -> Orientation,
        decode: (borrowing Picture) throws(MediaError) -> FrameTime?
    ) throws(MediaError) -> FrameTime? {
        let last = layers.count - 1
        guard try draw(last, into: picture, orientation: orientation, decode: decode) else {
            return nil
        }
        let index = frameCount
        frameCount += 1
        if isStill { return FrameTime(index: index) }
        let rate = treatedFrameRate
        var clock = clock ?? FrameClock(frameRate: rate)
        defer { self.clock = clock }
        let base = layers.last?.stage?.timeBase ?? timeBase
        let pts = picture.withFrame { $0.pointee.pts }
        return clock.time(
            index: index,
            seconds: pts == ganrm_no_pts ? nil : Double(pts) * Double(base.num) / Double(base.den),
            duration: rate.map { 1 / $0 })
    }

    /// The next frame that leaves a layer, -1 being the decoder; false at the end.
    private func draw(
        _ position: Int, into picture: borrowing Picture,
        orientation: (UnsafeMutablePointer<AVFrame>) -> Orientation,
        decode: (borrowing Picture) throws(MediaError) -> FrameTime?
    ) throws(MediaError) -> Bool {
        guard position >= 0 else {
            guard let time = try decode(picture) else { return false }
            picture.withFrame { $0.pointee.pts = ticks(of: time) }
            return true
        }
        let layer = layers[position]
        while true {
            if let stage = layer.stage {
                let code = stage.receive(into: picture)
                if code >= 0 { return true }
                if code == ganrm_error_eof {
                    // Unless it is to be opened anew it has ended, by itself or with its input.
                    guard layer.isPending else { return false }
                    layer.stage = nil
                } else if code != ganrm_error_again {
                    throw .treatment(code, input: input)
                }
            }
            if layer.isPending && layer.stage == nil {
                layer.stage = try layer.format.map { (format) throws(MediaError) in
                    try layer.kind.open(for: format, input: input)
                }
                layer.isPending = false
                try send(layer)
                continue
            }
            if layer.isEnded || layer.isPending { return false }
            guard
                try draw(
                    position - 1, into: layer.frame, orientation: orientation, decode: decode)
            else {
                layer.isEnded = true
                guard let stage = layer.stage else { return false }
                try check(stage.send(nil))
                continue
            }
            let format = layer.frame.withFrame { frame in
                self.format(of: frame, before: position, orientation: orientation)
            }
            if layer.stage != nil && layer.format == format {
                try send(layer)
            } else {
                layer.format = format
                layer.isPending = true
                if let stage = layer.stage { try check(stage.send(nil)) }
            }
        }
    }

    private func send(_ layer: Layer) throws(MediaError) {
        guard let stage = layer.stage else { return }
        try check(layer.frame.withFrame { stage.send($0) })
    }

    private func check(_ code: Int32) throws(MediaError) {
        guard code >= 0 else { throw .treatment(code, input: input) }
    }

    private func format(
        of frame: UnsafeMutablePointer<AVFrame>, before position: Int,
        orientation: (UnsafeMutablePointer<AVFrame>) -> Orientation
    ) -> FrameFormat {
        let previous = position > 0 ? layers[position - 1].stage : nil
        let rate = previous?.frameRate ?? frameRate
        var count: Int? = isStill ? 1 : nil
        if !isStill, let seconds, rate.num > 0, rate.den > 0 {
            count = Int(min(max((seconds * Double(rate.num) / Double(rate.den)).rounded(), 1), 1e9))
        }
        return FrameFormat(
            of: frame, orientation: previous == nil ? orientation(frame) : .upright,
            timeBase: previous?.timeBase ?? timeBase, frameRate: rate, frameCount: count)
    }

    /// A decoded frame's time in ticks of its stream.
    private func ticks(of time: FrameTime) -> Int64 {
        let rate = frameRate.num > 0 ? Double(frameRate.num) / Double(frameRate.den) : 25
        let seconds = time.ptsSeconds ?? Double(time.index) / rate
        let step = seconds - (lastSeconds ?? seconds)
        lastSeconds = seconds
        if step > Self.longestGap {
            closedSeconds += step - lastStep
        } else {
            lastStep = step
        }
        let shown = seconds - closedSeconds
        let ticks = (shown * Double(timeBase.den) / Double(timeBase.num)).rounded()
        return Int64(exactly: ticks) ?? 0
    }
}
