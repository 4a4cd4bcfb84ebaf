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
public struct EncodingPipeline: Sendable {
    public var samplingPlan: SamplingPlan
    public var mediaOptions: MediaOptions
    /// Most clips per batch, at least 1. The bits of the results do not depend on it.
    public var batchSize: Int
    /// Where embeddings of files are kept; nil: nowhere.
    public var store: EmbeddingStore?

    let encoders: EncoderSet

    public init(
        encoders: EncoderSet, samplingPlan: SamplingPlan, mediaOptions: MediaOptions = .init(),
        batchSize: Int = 4, store: EmbeddingStore? = nil
    ) {
        self.encoders = encoders
        self.samplingPlan = samplingPlan
        self.mediaOptions = mediaOptions
        self.batchSize = batchSize
        self.store = store
    }

    /// Runs until `next` has no more requests, `interruption` is requested, or `body` throws.
    ///
    /// - Parameters:
    ///   - next: Gives the requests; called on the decoding thread, may block.
    ///   - body: Called on the calling thread with what has come about since, in input order.
    /// - Throws: What `body` throws, what loading an encoder threw, and `ScoringError.clipLength` for
    ///   a sampling that an encoder cannot take.
    public func run(
        next: @escaping @Sendable () -> Request?,
        interruption: Interruption = Interruption(),
        _ body: ([PipelineEvent]) throws -> Void
    ) throws {
        let queue = BoundedQueue<DecodedItem>(capacity: 2 * batchSize)
        interruption.onRequest { queue.close() }
        let memory = store.map {
            InputMemory(
                store: $0, encoders: encoders, samplingPlan: samplingPlan)
        }
        let decoding = WorkerThread(stackSize: 8 << 20) {
            while !interruption.isRequested, let request = next() {
                guard
                    decode(request, into: queue, memory: memory, interruption: interruption)
                else { break }
            }
            queue.close()
        }
        defer {
            queue.close()
            // A thread that waits for the next request or a live stream is left to it.
            decoding.join(within: 1)
        }

        while true {
            let items = queue.take(upTo: batchSize)
            if items.isEmpty || interruption.isRequested { return }
            try body(encode(items, memory: memory))
            if case .broken(let error) = items.last { throw error }
        }
    }

    /// What the decoding thread hands over.
    private enum DecodedItem: Sendable {
        case clip(OpenedInput, Clip)
        /// From the store.
        case encoded(OpenedInput, EncodedClip)
        /// With the place for its clips in the store, if they have one.
        case end(Request, InputOutcome, InputMemory.Place?)
        /// No further input can be answered; the last item.
        case broken(any Error)

        /// Clips that remain to be encoded.
        var cost: Int {
            if case .clip = self { 1 } else { 0 }
        }
    }

    /// An error that is not the input's fault.
    private struct Broken: Error {
        let cause: any Error
    }

    /// How a request's input is read.
    private func options(for request: Request) -> MediaOptions {
        var options = mediaOptions
        if let degradation = request.degradation {
            options.treatment = options.treatment + degradation.treatment
        }
        return options
    }

    /// Decodes one input; false if nobody listens any more.
    private func decode(
        _ request: Request, into queue: BoundedQueue<DecodedItem>, memory: InputMemory?,
        interruption: Interruption
    ) -> Bool {
        func push(_ item: DecodedItem) -> Bool { queue.push(item, cost: item.cost) }
        if let failure = request.failure {
            return push(.end(request, .failed(failure), nil))
        }
        let options = options(for: request)
        let place = memory?.place(of: request, options: options)
        if let place, let (sampling, input) = memory?.find(place) {
            let opened = OpenedInput(
                request: request, kind: input.summary.info.kind, sampling: sampling)
            for clip in input.clips {
                guard push(.encoded(opened, clip)) else { return false }
            }
            return push(.end(request, .finished(input.summary, sampling), nil))
        }
        let opened = Mutex<OpenedInput?>(nil)
        let reader = ClipReader(source: request.source, options: options) { info in
            let (input, plan) = try plan(for: request, info)
            opened.withLock { $0 = input }
            return plan
        }
        do {
            let summary = try reader.read { clip in
                guard let input = opened.withLock(\.self), push(.clip(input, clip)) else {
                    throw CancellationError()
                }
            }
            guard let input = opened.withLock(\.self) else { return false }
            return push(.end(request, .finished(summary, input.sampling), place))
        } catch let error as Broken {
            _ = push(.broken(error.cause))
            return false
        } catch is CancellationError {
            return false
        } catch {
            // A reader that was interrupted says so; that is no property of the input.
            if interruption.isRequested { return false }
            return push(.end(request, .failed("\(error)"), nil))
        }
    }

    /// How an opened input is cut into clips and prepared for its encoder.
    ///
    /// - Throws: `Broken`, or `RewardError.noEncoder` for a kind of input that the head does not know.
    private func plan(
        for request: Request, _ info: MediaInfo
    ) throws -> (OpenedInput, ClipPlan) {
        do {
            let encoder = try encoders.encoder(for: info.kind)
            let isStream =
                request.source == .standardInput
                || (info.durationSeconds == nil && request.input.contains("://"))
            let sampling = samplingPlan.sampling(for: info.kind, isStream: isStream)
            try sampling.check(encoder)
            let preprocessor = Preprocessor(encoder.preprocessing)
            return (
                OpenedInput(request: request, kind: info.kind, sampling: sampling),
                ClipPlan(sampling: sampling) { preprocessor.prepare($0) }
            )
        } catch let error as RewardError {
            if case .noEncoder = error { throw error }
            throw Broken(cause: error)
        } catch {
            throw Broken(cause: error)
        }
    }

    /// Encodes the clips among `items`, one batch per kind of input, and puts all in order again.
    private func encode(
        _ items: [DecodedItem], memory: InputMemory?
    ) throws -> [PipelineEvent] {
        var embeddings: [Int: [Float]] = [:]
        for kind in MediaKind.allCases {
            let clips = items.enumerated().compactMap { position, item in
                if case .clip(let input, let clip) = item, input.kind == kind {
                    (position, clip.frames)
                } else {
                    nil
                }
            }
            guard !clips.isEmpty else { continue }
            let batch = try encoders.encoder(for: kind).embed(clips: clips.map(\.1))
            for (clip, embedding) in zip(clips, batch) { embeddings[clip.0] = embedding }
        }
        return items.enumerated().compactMap { position, item in
            switch item {
            case .clip(let input, let clip):
                guard let embedding = embeddings[position] else {
                    preconditionFailure("a clip without an embedding")
                }
                let encoded = EncodedClip(
                    indices: clip.indices, startSeconds: clip.startSeconds,
                    endSeconds: clip.endSeconds, embedding: embedding)
                memory?.collect(encoded)
                return .clip(input, encoded)
            case .encoded(let input, let clip):
                return .clip(input, clip)
            case .end(let request, let outcome, let place):
                memory?.end(outcome, at: place)
                return .end(request, outcome)
            case .broken:
                return nil
            }
        }
    }
}
