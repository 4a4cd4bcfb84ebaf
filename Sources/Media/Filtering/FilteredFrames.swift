import CFFmpeg
import Files
import Frames

/// The frames of another source after a `FrameFiltering`, which also applies their orientation.
///
/// A stage is opened by the first frame that reaches it. A frame with another size or pixel format
/// flushes the stage and reopens it, as in the `ffmpeg` command.
final class FilteredFrames: FrameSource {
    /// A stage and its pending input frame.
    private final class Slot {
        let kind: FilterStageConfiguration
        var stage: (any FilterStage)?
        var format: FrameFormat?
        /// The next frame to send, valid if `isPending`.
        let frame = UniqueAVFrame()
        /// Whether `frame` waits for the stage to be flushed and reopened.
        var isPending = false
        /// Whether the stage's input has ended.
        var isEnded = false

        init(_ kind: FilterStageConfiguration) { self.kind = kind }
    }

    private let source: any FrameSource
    private let slots: [Slot]
    private let input: String
    private let timeBase: AVRational
    private let frameRate: AVRational
    private let seconds: Double?
    private let isStill: Bool
    private var clock: FrameClock?
    private var frameCount = 0
    /// Time of the last decoded frame, and its distance from the previous one, in seconds.
    private var lastSeconds: Double?
    private var lastStep = 0.0
    /// Total length of the gaps removed so far, in seconds.
    private var removedSeconds = 0.0

    /// Maximum gap between frames, in seconds; longer gaps are closed. After a damaged timestamp
    /// `fps` would otherwise insert millions of frames.
    private static let maximumGap = 60.0

    /// - Parameters:
    ///   - source: The decoded frames of an input.
    ///   - properties: The properties of the input.
    init(
        _ filtering: FrameFiltering, of source: any FrameSource, _ properties: SourceProperties,
        isStill: Bool
    ) {
        self.source = source
        slots = filtering.stages(isStill: isStill).map(Slot.init)
        input = properties.input
        timeBase = properties.timeBase
        frameRate = properties.frameRate
        seconds = properties.durationSeconds
        self.isStill = isStill
    }

    /// Output frames per second, if known; valid after the first frame.
    var outputFrameRate: Double? {
        let rate = slots.last?.stage?.frameRate ?? frameRate
        return rate.num > 0 && rate.den > 0 ? Double(rate.num) / Double(rate.den) : nil
    }

    func next(into output: borrowing UniqueAVFrame) throws(MediaError) -> FrameTime? {
        guard try pull(slots.count - 1, into: output) else { return nil }
        let index = frameCount
        frameCount += 1
        if isStill { return FrameTime(index: index) }
        let rate = outputFrameRate
        var clock = clock ?? FrameClock(frameRate: rate)
        defer { self.clock = clock }
        let base = slots.last?.stage?.timeBase ?? timeBase
        let pts = output.withFrame { $0.pointee.pts }
        return clock.time(
            index: index,
            seconds: pts == ganrm_no_pts ? nil : Double(pts) * Double(base.num) / Double(base.den),
            duration: rate.map { 1 / $0 })
    }

    func orientation(of frame: UnsafeMutablePointer<AVFrame>) -> Orientation { .upright }

    /// Pulls the next output frame of a stage, −1 being the source; false at the end.
    private func pull(
        _ position: Int, into output: borrowing UniqueAVFrame
    ) throws(MediaError) -> Bool {
        guard position >= 0 else {
            guard let time = try source.next(into: output) else { return false }
            output.withFrame { $0.pointee.pts = ticks(of: time) }
            return true
        }
        let slot = slots[position]
        while true {
            if let stage = slot.stage {
                let code = stage.receive(into: output)
                if code >= 0 { return true }
                if code == ganrm_error_eof {
                    // Unless it is to be reopened, the stage has ended, by itself or with its
                    // input.
                    guard slot.isPending else { return false }
                    slot.stage = nil
                } else if code != ganrm_error_again {
                    throw .filtering(code, input: input)
                }
            }
            if slot.isPending && slot.stage == nil {
                slot.stage = try slot.format.map { (format) throws(MediaError) in
                    try slot.kind.open(for: format, input: input)
                }
                slot.isPending = false
                try send(slot)
                continue
            }
            if slot.isEnded || slot.isPending { return false }
            guard try pull(position - 1, into: slot.frame) else {
                slot.isEnded = true
                guard let stage = slot.stage else { return false }
                try check(stage.send(nil))
                continue
            }
            let format = slot.frame.withFrame { self.format(of: $0, before: position) }
            if slot.stage != nil && slot.format == format {
                try send(slot)
            } else {
                slot.format = format
                slot.isPending = true
                if let stage = slot.stage { try check(stage.send(nil)) }
            }
        }
    }

    private func send(_ slot: Slot) throws(MediaError) {
        guard let stage = slot.stage else { return }
        try check(slot.frame.withFrame { stage.send($0) })
    }

    private func check(_ code: Int32) throws(MediaError) {
        guard code >= 0 else { throw .filtering(code, input: input) }
    }

    private func format(
        of frame: UnsafeMutablePointer<AVFrame>, before position: Int
    ) -> FrameFormat {
        let previous = position > 0 ? slots[position - 1].stage : nil
        let rate = previous?.frameRate ?? frameRate
        var count: Int? = isStill ? 1 : nil
        if !isStill, let seconds, rate.num > 0, rate.den > 0 {
            let frames = (seconds * Double(rate.num) / Double(rate.den)).rounded()
            count = Int(truncating: min(max(frames, 1), 1e9)) ?? 1
        }
        return FrameFormat(
            of: frame, orientation: previous == nil ? source.orientation(of: frame) : .upright,
            timeBase: previous?.timeBase ?? timeBase, frameRate: rate, frameCount: count)
    }

    /// A decoded frame's time in ticks of the stream's time base, with long gaps closed.
    private func ticks(of time: FrameTime) -> Int64 {
        let rate = frameRate.num > 0 ? Double(frameRate.num) / Double(frameRate.den) : 25
        let seconds = time.ptsSeconds ?? Double(time.index) / rate
        let step = seconds - (lastSeconds ?? seconds)
        lastSeconds = seconds
        if step > Self.maximumGap {
            removedSeconds += step - lastStep
        } else {
            lastStep = step
        }
        let shown = seconds - removedSeconds
        let ticks = (shown * Double(timeBase.den) / Double(timeBase.num)).rounded()
        return Int64(exactly: ticks) ?? 0
    }
}
