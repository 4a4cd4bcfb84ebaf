import CGANRM
import Encoders
import Frames
import Reward
import Scoring

/// The object behind an opaque `ganrm_filter`: a reward filter and its queue of scores.
final class FilterHandle {
    private let model: ModelHandle
    private let reader = RawFrameConverter()
    private let kind: MediaKind
    private let videoLength: Int?
    private let frameRate: Double?
    /// The precision of the encoder, as in the row of an input.
    let precision: CString
    private var filter: RewardFilter
    /// Scores with their embeddings; those before `nextIndex` have been pulled.
    private var scores: [(score: ganrm_score, embedding: [Float])] = []
    private var nextIndex = 0
    /// Embedding of the last pulled score, at an address that is lent to C.
    private var embedding = UnsafeMutableBufferPointer<Float>(start: nil, count: 0)
    private(set) var isFlushed = false
    /// The first scoring failure; every push and flush repeats it until a reset.
    private var failure: InterfaceError?

    init(_ model: ModelHandle, _ settings: FilterSettings) throws(InterfaceError) {
        self.model = model
        kind = settings.kind
        videoLength = settings.videoLength
        frameRate = settings.frameRate
        filter = try model.filter(settings)
        precision = CString(model.scorer.encoders.precision.rawValue)
    }

    deinit {
        embedding.deallocate()
    }

    func push(_ frame: ganrm_frame) throws(InterfaceError) {
        let seconds = frame.seconds.isFinite ? frame.seconds : nil
        let isUnwanted = frame.planes.0 == nil && failure == nil && !wants(seconds: seconds)
        let rawFrame = isUnwanted ? nil : try RawFrame(frame)
        guard frame.duration >= 0, frame.duration < .infinity else {
            throw .setting("ganrm_frame.duration", frame.duration)
        }
        let duration = frame.duration > 0 ? frame.duration : nil
        isFlushed = false
        try score {
            try filter.push(ptsSeconds: seconds, durationSeconds: duration) {
                guard let rawFrame else {
                    throw InterfaceError(
                        code: GANRM_ERROR_FAILED, message: "a clip samples a frame without pixels")
                }
                return try reader.frame(
                    rawFrame, ptsSeconds: seconds, durationSeconds: duration)
            }
        }
    }

    /// Whether a clip samples the next frame.
    func wants(seconds: Double?) -> Bool { filter.wants(ptsSeconds: seconds) }

    func flush() throws(InterfaceError) {
        try score { try filter.finish() }
        isFlushed = true
    }

    func reset() {
        filter.reset()
        scores = []
        nextIndex = 0
        storeEmbedding([])
        isFlushed = false
        failure = nil
    }

    func pull() -> ganrm_score? {
        guard nextIndex < scores.count else { return nil }
        let (score, embedding) = scores[nextIndex]
        storeEmbedding(embedding)
        nextIndex += 1
        if nextIndex == scores.count {
            scores.removeAll(keepingCapacity: true)
            nextIndex = 0
        }
        return score
    }

    var oldestPendingIndex: Int { filter.oldestPendingIndex }

    var settings: ganrm_filter_settings {
        ganrm_filter_settings(
            kind, filter.sampling, videoLength: videoLength, frameRate: frameRate)
    }

    /// Embedding of the score that `pull` returned last; borrowed, valid until the next call. Empty
    /// if there is none.
    var lastEmbedding: UnsafeMutableBufferPointer<Float> { embedding }

    private func storeEmbedding(_ values: [Float]) {
        if embedding.count != values.count {
            embedding.deallocate()
            embedding = .init(start: nil, count: 0)
            if !values.isEmpty { embedding = .allocate(capacity: values.count) }
        }
        _ = embedding.initialize(from: values)
    }

    private func score(_ body: () throws -> [ClipScore]) throws(InterfaceError) {
        if let failure { throw failure }
        do {
            let clips = try body()
            let model = model.scorer.model
            scores += zip(clips, filter.embeddings).map { clip, embedding in
                (ganrm_score(clip, model), embedding)
            }
        } catch {
            let failure = InterfaceError(code: GANRM_ERROR_FAILED, message: "\(error)")
            self.failure = failure
            model.log.write(GANRM_LOG_ERROR, failure.message)
            throw failure
        }
    }
}

extension ganrm_score {
    init(_ clip: ClipScore, _ model: RewardModel) {
        let reference = model.reference
        let logit = clip.score.logit
        guard let first = clip.indices.first, let last = clip.indices.last else {
            preconditionFailure("a clip has frames")
        }
        self.init()
        score = clip.score.value
        self.logit = logit
        logit_spread = clip.score.logitSpread ?? .nan
        probability = reference?.probability(of: logit) ?? .nan
        percentile_generated = reference?.generated.percentile(of: logit) ?? .nan
        percentile_proxy = reference?.proxy.percentile(of: logit) ?? .nan
        start_seconds = clip.startSeconds ?? .nan
        end_seconds = clip.endSeconds ?? .nan
        first_frame = Int64(first)
        last_frame = Int64(last)
        unfamiliar = model.unfamiliarity(of: clip.score) ?? .nan
        degenerate =
            switch clip.degeneracy {
            case nil: Int64(GANRM_DEGENERATE_NO)
            case .oneColour: Int64(GANRM_DEGENERATE_ONE_COLOUR)
            case .noDetail: Int64(GANRM_DEGENERATE_NO_DETAIL)
            case .pattern: Int64(GANRM_DEGENERATE_PATTERN)
            case .noise: Int64(GANRM_DEGENERATE_NOISE)
            case .frozen: Int64(GANRM_DEGENERATE_FROZEN)
            }
        damage = clip.score.degradationPenalty ?? .nan
        realism = logit + damage
    }
}
