import Encoders
import Foundation
public import Frames
public import Media
import Reward
public import Scoring
public import Store
import Synchronization

/// An input that could be opened, and how it is read.
public struct OpenedInput: Sendable {
    public let request: Request
    public let kind: MediaKind
    public let sampling: Sampling
    /// Whether its clips come when somebody sends them: see `MediaInfo.isLive`.
    public let isLive: Bool
}

/// What became of an input, after its last clip.
public enum InputOutcome: Sendable {
    case finished(ReadSummary, Sampling)
    /// One sentence; clips that came before it are not to be trusted as a whole.
    case failed(String)
}

/// What a pipeline reports.
public enum PipelineEvent: Sendable {
    case clip(OpenedInput, EncodedClip)
    /// So many clips before the next one, or before the end, were dropped: see
    /// `EncodingPipeline.isRealTime`.
    case dropped(Request, Int)
    /// Comes once per request, after its clips.
    case end(Request, InputOutcome)
}

/// Reads inputs one after another, encodes their clips in batches and reports in input order.
///
/// One thread decodes and prepares frames while the calling thread encodes; between them stands
/// a bounded queue, so memory does not grow with the number or the length of the inputs. Clips of
/// several inputs share a batch, and a batch never waits for more clips than are there: an
/// interactive caller gets its answer before it sends the next request.
///
/// With a store, a file that was encoded before is neither decoded nor encoded again.
///
/// An interruption gives up the file in hand, but a live stream ends there: what came of it is encoded.
public struct EncodingPipeline: Sendable {
    public var samplingPlan: SamplingPlan
    public var mediaOptions: MediaOptions
    /// Most clips per batch, at least 1. The bits of the results do not depend on it.
    public var batchSize: Int
    /// Where embeddings of files are kept; nil: nowhere.
    public var store: EmbeddingStore?
    /// Whether a stream never waits for the encoder: when the queue is full, its oldest clip is dropped, so
    /// that what is encoded is what happens now, and the last clip of a stream always is. Files, which can
    /// wait, are refused.
    public var isRealTime: Bool

    let encoders: EncoderSet

    public init(
        encoders: EncoderSet, samplingPlan: SamplingPlan, mediaOptions: MediaOptions = .init(),
        batchSize: Int = 4, store: EmbeddingStore? = nil, isRealTime: Bool = false
    ) {
        self.encoders = encoders
        self.samplingPlan = samplingPlan
        self.mediaOptions = mediaOptions
        self.batchSize = batchSize
        self.store = store
        self.isRealTime = isRealTime
    }

    /// Runs until `next` has no more requests, `interruption` is requested, or `body` throws. What is
    /// complete when the interruption comes is still reported.
    ///
    /// - Parameters:
    ///   - next: Gives the requests; called on the decoding thread, may block.
    ///   - interruption: What waits for a live stream is woken by `MediaInterruption`: request both.
    ///   - body: Called on the calling thread with what has come about since, in input order.
    /// - Throws: What `body` throws, what loading an encoder threw, and `ScoringError.clipLength` for
    ///   a sampling that an encoder cannot take.
    public func run(
        next: @escaping @Sendable () -> Request?,
        interruption: Interruption = Interruption(),
        _ body: ([PipelineEvent]) throws -> Void
    ) throws {
        let queue = BoundedQueue<DecodedItem>(capacity: 2 * batchSize)
        // While a live stream is in hand, its reader sees the interruption, and its end closes the queue.
        let isLive = Mutex(false)
        interruption.onRequest {
            isLive.withLock { if !$0 { queue.close { $0.isEnd } } }
        }
        let memory = store.map {
            InputMemory(
                store: $0, encoders: encoders, samplingPlan: samplingPlan)
        }
        // A stream would have to wait for it.
        if isRealTime { _ = try encoders.encoder(for: .video) }
        let decoding = WorkerThread(stackSize: 8 << 20) {
            while !interruption.isRequested, let request = next() {
                let goesOn = decode(
                    request, into: queue, memory: memory, interruption: interruption
                ) { input in
                    isLive.withLock { $0 = input.isLive }
                }
                guard goesOn else { break }
                isLive.withLock { $0 = false }
            }
            queue.close { $0.isEnd }
        }
        defer {
            queue.close()
            // A thread that waits for the next request or a live stream is left to it.
            decoding.join(within: 1)
        }

        var nextClip = 0
        while true {
            let items = queue.take(upTo: batchSize)
            if items.isEmpty { return }
            try body(encode(items, memory: memory, nextClip: &nextClip))
            if case .broken(let error) = items.last { throw error }
        }
    }

    /// Encodes the clips among `items`, one batch per kind of input, and puts all in order again.
    ///
    /// - Parameter nextClip: The number of the clip that comes next in its input if none is dropped.
    private func encode(
        _ items: [DecodedItem], memory: InputMemory?, nextClip: inout Int
    ) throws -> [PipelineEvent] {
        var embeddings: [Int: [Float]] = [:]
        for kind in MediaKind.allCases {
            let clips = items.enumerated().compactMap { position, item in
                if case .clip(let input, let clip, _, _) = item, input.kind == kind {
                    (position, clip)
                } else {
                    nil
                }
            }
            guard !clips.isEmpty else { continue }
            let batch = try encoders.encoder(for: kind).embed(
                clips: clips.map(\.1.frames), bursts: clips.map(\.1.bursts))
            for (clip, embedding) in zip(clips, batch) { embeddings[clip.0] = embedding }
        }
        var events: [PipelineEvent] = []
        for (position, item) in items.enumerated() {
            switch item {
            case .clip(let input, let clip, let degeneracy, let number):
                guard let embedding = embeddings[position] else {
                    preconditionFailure("a clip without an embedding")
                }
                let encoded = EncodedClip(
                    indices: clip.indices, startSeconds: clip.startSeconds,
                    endSeconds: clip.endSeconds, embedding: embedding, degeneracy: degeneracy)
                if !input.isLive { memory?.collect(encoded) }
                if number > nextClip { events.append(.dropped(input.request, number - nextClip)) }
                nextClip = number + 1
                events.append(.clip(input, encoded))
            case .encoded(let input, let clip):
                events.append(.clip(input, clip))
            case .end(let request, let outcome, let clipCount, let place):
                memory?.end(outcome, at: place)
                if clipCount > nextClip { events.append(.dropped(request, clipCount - nextClip)) }
                nextClip = 0
                events.append(.end(request, outcome))
            case .broken:
                break
            }
        }
        return events
    }
}
