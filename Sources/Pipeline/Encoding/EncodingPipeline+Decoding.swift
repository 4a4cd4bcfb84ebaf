import Encoders
import Frames
import Media
import Reward
import Scoring
import Store
import Synchronization

extension EncodingPipeline {
    /// An error that does not come from the input and ends the run.
    private struct FatalError: Error {
        let cause: any Error
    }

    /// The media options of a request, with its degradation and its frame rate.
    private func options(for request: Request) -> MediaOptions {
        var options = mediaOptions
        options.frameRate = request.frameRate ?? options.frameRate
        if let degradation = request.degradation {
            options.filtering = options.filtering + degradation.filtering
        }
        return options
    }

    /// Decodes one input and pushes its clips.
    ///
    /// - Parameter onOpen: Called with the opened input before its first clip.
    /// - Returns: False if no further input should be decoded.
    func decode(
        _ request: Request, into queue: BoundedQueue<DecodedItem>, cache: InputCache?,
        interruption: Interruption, onOpen: @escaping @Sendable (OpenedInput) -> Void
    ) -> Bool {
        func push(_ item: DecodedItem) -> Bool {
            isRealTime && item.cost > 0
                ? queue.pushDropping(item, cost: item.cost) : queue.push(item, cost: item.cost)
        }
        var clipCount = 0
        func end(_ outcome: InputOutcome, _ key: InputCache.Key? = nil) -> Bool {
            push(.end(request, outcome, clipCount: clipCount, key))
        }
        if let failure = request.failure { return end(.failed(failure)) }
        if isRealTime && !request.source.isStream {
            return end(.failed("\(PipelineError.notAStream(input: request.input))"))
        }
        let options = options(for: request)
        let key = cache?.key(for: request, options: options)
        if let key, let (sampling, input) = cache?.find(key) {
            let opened = OpenedInput(
                request: request, kind: input.summary.info.kind, sampling: sampling,
                isLive: false)
            for clip in input.clips {
                guard push(.encoded(opened, clip)) else { return false }
            }
            return end(.finished(input.summary, sampling))
        }
        let opened = Mutex<OpenedInput?>(nil)
        let reader = ClipReader(source: request.source, options: options) { info in
            let (input, plan) = try plan(for: request, info)
            opened.withLock { $0 = input }
            onOpen(input)
            return plan
        }
        do {
            let summary = try reader.read { clip in
                guard let input = opened.withLock(\.self) else { throw CancellationError() }
                let filter = try encoders.encoder(for: input.kind).preprocessing.filter
                let degeneracy = clip.degeneracy(resizedBy: filter)
                guard push(.clip(input, clip, degeneracy, number: clipCount)) else {
                    throw CancellationError()
                }
                clipCount += 1
            }
            guard let input = opened.withLock(\.self) else { return false }
            return end(.finished(summary, input.sampling), key)
        } catch let error as FatalError {
            _ = push(.broken(error.cause))
            return false
        } catch is CancellationError {
            return false
        } catch {
            // An interrupted reader throws, too, which is not a failure of the input.
            if interruption.isRequested { return false }
            return end(.failed("\(error)"))
        }
    }

    /// The sampling and preprocessing of an opened input.
    ///
    /// - Throws: `FatalError`, or `RewardError.noEncoder` and `ScoringError.noImages` for a kind of input that there is
    ///   no encoder for.
    private func plan(
        for request: Request, _ info: MediaInfo
    ) throws -> (OpenedInput, ReadPlan) {
        do {
            let encoder = try encoders.encoder(for: info.kind)
            guard info.kind == .video || encoder.embedsImages else {
                throw ScoringError.noImages(encoder: encoder.name, input: request.input)
            }
            let sampling = samplingPlan.sampling(
                for: info.kind,
                isStream: info.isLive || isRealTime || request.source == .standardInput)
            try sampling.check(encoder)
            let preprocessor = Preprocessor(encoder.preprocessing)
            return (
                OpenedInput(
                    request: request, kind: info.kind, sampling: sampling, isLive: info.isLive),
                ReadPlan(sampling: sampling) { try preprocessor.prepare($0) }
            )
        } catch let error as RewardError {
            if case .noEncoder = error { throw error }
            throw FatalError(cause: error)
        } catch let error as ScoringError {
            if case .noImages = error { throw error }
            throw FatalError(cause: error)
        } catch {
            throw FatalError(cause: error)
        }
    }
}
