import Encoders
import Foundation
package import Frames
package import Media
package import Scoring
package import Store
import Synchronization

/// An input that was opened, with its kind and its sampling.
package struct OpenedInput: Sendable {
    package let request: Request
    package let kind: MediaKind
    package let sampling: Sampling
    /// Whether the input is a live stream: see `MediaInfo.isLive`.
    package let isLive: Bool
}

/// The outcome of an input, reported after its last clip.
package enum InputOutcome: Sendable {
    case finished(ReadSummary, Sampling)
    /// The reason, in one sentence. Clips reported before it do not represent the whole input.
    case failed(String)
}

/// An event of a pipeline's run.
package enum PipelineEvent: Sendable {
    case clip(OpenedInput, EncodedClip)
    /// A clip whose embedding is not finite, and what is wrong with it; its input fails.
    case invalidClip(OpenedInput, EncodedClip, String)
    /// The number of clips that were dropped before the next clip or the end: see
    /// `EncodingPipeline.isRealTime`.
    case dropped(Request, Int)
    /// The end of an input, once per request, after its clips.
    case end(Request, InputOutcome)
}

/// Reads inputs one after another, encodes their clips in batches and reports in input order.
///
/// One thread decodes and preprocesses frames while the calling thread encodes. A bounded queue
/// connects them, so memory does not grow with the number or the length of the inputs. Clips of
/// several inputs share a batch, and a batch never waits for more clips: an interactive caller gets
/// its answer before it sends the next request.
///
/// With a store, a file that was encoded before is neither decoded nor encoded again.
///
/// An interruption abandons the current file, but ends a live stream: its clips so far are still
/// encoded.
package struct EncodingPipeline: Sendable {
    package var samplingPlan: SamplingPlan
    package var mediaOptions: MediaOptions
    /// Maximum number of clips per batch, 1 to 4096; other values are clamped. Results do not depend on
    /// it, bit for bit.
    package var batchSize: Int
    /// Cache for the embeddings of files; nil disables caching.
    package var store: EmbeddingStore?
    /// Whether a stream never waits for the encoder. If the queue is full, its oldest clip is
    /// dropped, so that the encoded clips stay current; the last clip of a stream is always
    /// encoded. Files are refused.
    package var isRealTime: Bool

    /// Valid batch sizes.
    package static let batchSizes = 1...4096

    let encoders: EncoderSet

    package init(
        encoders: EncoderSet, samplingPlan: SamplingPlan, mediaOptions: MediaOptions = .init(),
        batchSize: Int = 4, store: EmbeddingStore? = nil, isRealTime: Bool = false
    ) {
        self.encoders = encoders
        self.samplingPlan = samplingPlan
        self.mediaOptions = mediaOptions
        self.batchSize = Self.batchSizes.clamp(batchSize)
        self.store = store
        self.isRealTime = isRealTime
    }

    /// Runs until `next` has no more requests, `interruption` is requested, or `body` throws.
    /// Inputs that are complete at an interruption are still reported.
    ///
    /// - Parameters:
    ///   - next: Returns the next request, nil at the end. Called on the decoding thread; may
    ///     block.
    ///   - interruption: Stops the run. A read that waits for a live stream only ends by
    ///     `MediaInterruption`: request both.
    ///   - body: Called on the calling thread with the new events, in input order.
    /// - Throws: Errors of `body` and of loading an encoder, and `ScoringError.clipLength` for a
    ///   sampling that an encoder does not support.
    package func run(
        next: @escaping @Sendable () -> Request?,
        interruption: Interruption = Interruption(),
        _ body: ([PipelineEvent]) throws -> Void
    ) throws {
        let queue = BoundedQueue<DecodedItem>(capacity: 2 * batchSize)
        // During a live stream the queue stays open, because the reader ends the stream on an
        // interruption.
        let isLive = Mutex(false)
        let handler = interruption.onRequest {
            isLive.withLock { if !$0 { queue.close { $0.isEnd } } }
        }
        defer { interruption.forget(handler) }
        let cache = store.map {
            InputCache(
                store: $0, encoders: encoders, samplingPlan: samplingPlan)
        }
        // Load the encoder first, or the stream would drop clips meanwhile.
        if isRealTime { _ = try encoders.encoder(for: .video) }
        let decoding = try WorkerThread(stackSize: 8 << 20) {
            while !interruption.isRequested, let request = next() {
                let continues = decode(
                    request, into: queue, cache: cache, interruption: interruption
                ) { input in
                    isLive.withLock { $0 = input.isLive }
                }
                guard continues else { break }
                isLive.withLock { $0 = false }
            }
            queue.close { $0.isEnd }
        }
        defer {
            queue.close()
            // The thread may be blocked by `next` or by a live stream; then it is not waited for.
            decoding.join(within: 1)
        }

        var state = EncodingState()
        while true {
            let items = queue.take(upTo: batchSize)
            if items.isEmpty { return }
            try body(encode(items, cache: cache, &state))
            if case .broken(let error) = items.last { throw error }
        }
    }

    /// What is known of the current input.
    private struct EncodingState {
        /// Index of the next clip if none is dropped.
        var nextClip = 0
        /// Why a clip has no embedding, from which on the input has failed; nil if all have one.
        var failure: String?
    }

    /// Encodes the clips among `items`, one batch per kind of input, and returns events in the
    /// order of items.
    private func encode(
        _ items: [DecodedItem], cache: InputCache?, _ state: inout EncodingState
    ) throws -> [PipelineEvent] {
        var embeddings: [Int: [Float]] = [:]
        var problems: [Int: String] = [:]
        for kind in MediaKind.allCases {
            let clips = items.enumerated().compactMap { position, item in
                if case .clip(let input, let clip, _, _) = item, input.kind == kind {
                    (position, clip)
                } else {
                    nil
                }
            }
            guard !clips.isEmpty else { continue }
            let encoder = try encoders.encoder(for: kind)
            let batch = try encoder.embed(
                clips: clips.map(\.1.frames), bursts: clips.map(\.1.bursts))
            for (clip, embedding) in zip(clips, batch) {
                embeddings[clip.0] = embedding
                problems[clip.0] =
                    encoder.problem(ofFrames: clip.1.indices) ?? encoder.problem(of: embedding)
            }
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
                if number > state.nextClip {
                    events.append(.dropped(input.request, number - state.nextClip))
                }
                state.nextClip = number + 1
                if let problem = problems[position] {
                    let reason = "'\(input.request.input)': \(problem)"
                    state.failure = state.failure ?? reason
                    events.append(.invalidClip(input, encoded, reason))
                    continue
                }
                if !input.isLive { cache?.collect(encoded) }
                events.append(.clip(input, encoded))
            case .encoded(let input, let clip):
                events.append(.clip(input, clip))
            case .end(let request, let outcome, let clipCount, let key):
                let outcome = state.failure.map { .failed($0) } ?? outcome
                cache?.end(outcome, at: key)
                if clipCount > state.nextClip {
                    events.append(.dropped(request, clipCount - state.nextClip))
                }
                state = EncodingState()
                events.append(.end(request, outcome))
            case .broken:
                break
            }
        }
        return events
    }
}
