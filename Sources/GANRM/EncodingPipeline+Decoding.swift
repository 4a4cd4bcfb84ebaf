import Encoders
import Frames
import Media
import Reward
import Scoring
import Store
import Synchronization

extension EncodingPipeline {
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
    ///
    /// - Parameter onOpen: Told what the input is, before its first clip.
    func decode(
        _ request: Request, into queue: BoundedQueue<DecodedItem>, memory: InputMemory?,
        interruption: Interruption, onOpen: @escaping @Sendable (OpenedInput) -> Void
    ) -> Bool {
        func push(_ item: DecodedItem) -> Bool {
            isRealTime && item.cost > 0
                ? queue.pushDropping(item, cost: item.cost) : queue.push(item, cost: item.cost)
        }
        var clipCount = 0
        func end(_ outcome: InputOutcome, _ place: InputMemory.Place? = nil) -> Bool {
            push(.end(request, outcome, clipCount: clipCount, place))
        }
        if let failure = request.failure { return end(.failed(failure)) }
        if isRealTime && !request.source.isStream {
            return end(.failed("\(GANRMError.notAStream(input: request.input))"))
        }
        let options = options(for: request)
        let place = memory?.place(of: request, options: options)
        if let place, let (sampling, input) = memory?.find(place) {
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
                guard let input = opened.withLock(\.self),
                    push(.clip(input, clip, clip.degeneracy, number: clipCount))
                else { throw CancellationError() }
                clipCount += 1
            }
            guard let input = opened.withLock(\.self) else { return false }
            return end(.finished(summary, input.sampling), place)
        } catch let error as Broken {
            _ = push(.broken(error.cause))
            return false
        } catch is CancellationError {
            return false
        } catch {
            // A reader that was interrupted says so; that is no property of the input.
            if interruption.isRequested { return false }
            return end(.failed("\(error)"))
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
            let sampling = samplingPlan.sampling(
                for: info.kind,
                isStream: info.isLive || isRealTime || request.source == .standardInput)
            try sampling.check(encoder)
            let preprocessor = Preprocessor(encoder.preprocessing)
            return (
                OpenedInput(
                    request: request, kind: info.kind, sampling: sampling, isLive: info.isLive),
                ClipPlan(sampling: sampling) { preprocessor.prepare($0) }
            )
        } catch let error as RewardError {
            if case .noEncoder = error { throw error }
            throw Broken(cause: error)
        } catch {
            throw Broken(cause: error)
        }
    }
}
