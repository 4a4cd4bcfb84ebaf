import CGANRM
import GANRM
import Media
import Reward

/// What a C function reports instead of throwing.
struct FilterFailure: Error {
    /// One of the header's negative codes.
    var code: Int
    var message: String
}

/// What an opaque `ganrm_filter` points to: a reward filter and the scores nobody pulled yet.
final class FilterHandle {
    private var filter: RewardFilter
    private var scores: [ganrm_score] = []
    /// Scores before this one were pulled.
    private var next = 0
    private(set) var isFlushed = false
    /// The first failure of scoring; from then on every push and flush repeats it.
    private var failure: FilterFailure?

    init(_ settings: ganrm_settings) throws(FilterFailure) {
        let choices = try FilterSettings(settings)
        do {
            filter = try choices.filter()
        } catch {
            throw FilterFailure(code: GANRM_ERROR_MODEL, message: "\(error)")
        }
    }

    func push(
        _ rgb: UnsafePointer<UInt8>, width: Int, height: Int, stride: Int, seconds: Double
    ) throws(FilterFailure) {
        guard width > 0, height > 0, width <= (1 << 28) / height else {
            throw FilterFailure(
                code: GANRM_ERROR_ARGUMENT,
                message: "a frame has 1 to 2^28 pixels, not \(width)×\(height)")
        }
        let rowLength = 3 * width
        guard abs(stride) >= rowLength || height == 1 else {
            throw FilterFailure(
                code: GANRM_ERROR_ARGUMENT,
                message: "a row of \(width) pixels needs \(rowLength) bytes; stride is \(stride)")
        }
        let pixels = [UInt8](unsafeUninitializedCapacity: rowLength * height) { pixels, count in
            for row in 0..<height {
                (pixels.baseAddress! + row * rowLength)
                    .initialize(from: rgb + row * stride, count: rowLength)
            }
            count = rowLength * height
        }
        let frame = Frame(
            width: width, height: height, pixels: pixels,
            ptsSeconds: seconds.isFinite ? seconds : nil)
        isFlushed = false
        try score { try filter.push(frame) }
    }

    func flush() throws(FilterFailure) {
        try score { try filter.finish() }
        isFlushed = true
    }

    func pull() -> ganrm_score? {
        guard next < scores.count else { return nil }
        defer {
            next += 1
            if next == scores.count {
                scores.removeAll(keepingCapacity: true)
                next = 0
            }
        }
        return scores[next]
    }

    private func score(_ body: () throws -> [ClipScore]) throws(FilterFailure) {
        if let failure { throw failure }
        do {
            scores += try body().map { ganrm_score($0) }
        } catch {
            let failure = FilterFailure(code: GANRM_ERROR_FAILED, message: "\(error)")
            self.failure = failure
            throw failure
        }
    }
}

extension ganrm_score {
    init(_ clip: ClipScore) {
        self.init()
        score = clip.score.value
        logit = clip.score.logit
        start_seconds = clip.startSeconds ?? .nan
        end_seconds = clip.endSeconds ?? .nan
        first_frame = Int64(clip.indices.first ?? 0)
        last_frame = Int64(clip.indices.last ?? 0)
    }
}
