import Encoders
import Foundation
public import Media
import Synchronization

/// A clip that went through an encoder.
public struct EncodedClip: Sendable {
    /// The decoded frames that the encoder saw, from 0; repeated where the input is too short.
    public let indices: [Int]
    /// Presentation times of the clip's first frame and of the end of its last one.
    public let startSeconds: Double?
    public let endSeconds: Double?
    /// `[2 · width · taps]`.
    public let embedding: [Float]
}

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

/// Reads inputs one after another, encodes their clips in batches and reports in input order.
///
/// One thread decodes and prepares frames while the calling thread encodes; between them stands
/// a bounded queue, so memory does not grow with the number or the length of the inputs. Clips of
/// several inputs share a batch, and a batch never waits for more clips than are there: an
/// interactive caller gets its answer before it sends the next request.
public struct EncodingPipeline: Sendable {
    public var samplingPlan: SamplingPlan
    public var mediaOptions: MediaOptions
    /// Most clips per batch, at least 1. The bits of the results do not depend on it.
    public var batchSize: Int

    private let encoders: EncoderSet

    public init(
        encoders: EncoderSet, samplingPlan: SamplingPlan, mediaOptions: MediaOptions = .init(),
        batchSize: Int = 4
    ) {
        self.encoders = encoders
        self.samplingPlan = samplingPlan
        self.mediaOptions = mediaOptions
        self.batchSize = batchSize
    }

    /// Runs until `next` has no more requests, `interruption` is requested, or a callback throws.
    ///
    /// - Parameters:
    ///   - next: Gives the requests; called on the decoding thread, may block.
    ///   - onClip: Called for each clip, in order, on the calling thread.
    ///   - onEnd: Called once per request after its clips, in order, on the calling thread.
    /// - Throws: What the callbacks throw, what loading an encoder threw, and
    ///   `GANRMError.clipLength` for a sampling that an encoder cannot take.
    public func run(
        next: @escaping @Sendable () -> Request?,
        interruption: Interruption = Interruption(),
        onClip: (OpenedInput, EncodedClip) throws -> Void,
        onEnd: (Request, InputOutcome) throws -> Void
    ) throws {
        let queue = BoundedQueue<Item>(capacity: 2 * batchSize)
        interruption.onRequest { queue.close() }
        let decoding = Thread {
            while !interruption.isRequested, let request = next() {
                guard decode(request, into: queue, interruption: interruption) else { break }
            }
            queue.close()
        }
        decoding.stackSize = 8 << 20
        decoding.start()
        defer { queue.close() }

        while true {
            let items = queue.take(upTo: batchSize)
            if items.isEmpty || interruption.isRequested { return }
            try encode(items, onClip: onClip, onEnd: onEnd)
        }
    }

    /// What the decoding thread hands over.
    private enum Item: Sendable {
        case clip(OpenedInput, Clip)
        case end(Request, InputOutcome)
        /// No further input can be answered.
        case broken(any Error)
    }

    /// An error that is not the input's fault.
    private struct Broken: Error {
        let cause: any Error
    }

    /// Decodes one input; false if nobody listens any more.
    private func decode(
        _ request: Request, into queue: BoundedQueue<Item>, interruption: Interruption
    ) -> Bool {
        if let failure = request.failure {
            return queue.push(.end(request, .failed(failure)))
        }
        let opened = Mutex<OpenedInput?>(nil)
        let reader = ClipReader(source: request.source, options: mediaOptions) { info in
            let (input, plan) = try plan(for: request, info)
            opened.withLock { $0 = input }
            return plan
        }
        do {
            let summary = try reader.read { clip in
                guard let input = opened.withLock(\.self), queue.push(.clip(input, clip)) else {
                    throw CancellationError()
                }
            }
            guard let input = opened.withLock(\.self) else { return false }
            return queue.push(.end(request, .finished(summary, input.sampling)))
        } catch let error as Broken {
            _ = queue.push(.broken(error.cause))
            return false
        } catch is CancellationError {
            return false
        } catch {
            // A reader that was interrupted says so; that is no property of the input.
            if interruption.isRequested { return false }
            return queue.push(.end(request, .failed("\(error)")))
        }
    }

    /// How an opened input is cut into clips and prepared for its encoder.
    private func plan(
        for request: Request, _ info: MediaInfo
    ) throws(Broken) -> (OpenedInput, ClipPlan) {
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
        } catch {
            throw Broken(cause: error)
        }
    }

    /// Encodes the clips among `items`, one batch per kind of input, then reports all in order.
    private func encode(
        _ items: [Item],
        onClip: (OpenedInput, EncodedClip) throws -> Void,
        onEnd: (Request, InputOutcome) throws -> Void
    ) throws {
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
        for (position, item) in items.enumerated() {
            switch item {
            case .clip(let input, let clip):
                guard let embedding = embeddings[position] else {
                    preconditionFailure("a clip without an embedding")
                }
                let encoded = EncodedClip(
                    indices: clip.indices, startSeconds: clip.startSeconds,
                    endSeconds: clip.endSeconds, embedding: embedding)
                try onClip(input, encoded)
            case .end(let request, let outcome):
                try onEnd(request, outcome)
            case .broken(let error):
                throw error
            }
        }
    }
}
