import Frames
import Media
import Pipeline
import Synchronization

/// Reads the frames of an input as they are: RGB, of full size, for metrics that do not take an encoder's crops.
struct WholeFrames {
    /// What is known of an input at its end.
    struct Facts {
        var size: Resampling.Size
        var summary: ReadSummary
        var degeneracy: Degeneracy?
    }

    let mediaOptions: MediaOptions

    /// Reads an input to its end.
    ///
    /// - Parameters:
    ///   - sampling: Clips of one frame, of a video.
    ///   - body: Called with each frame; all have one size.
    /// - Throws: `InputFailure`.
    func read(
        _ request: Request, sampling: Sampling, _ body: (Frame) throws -> Void = { _ in }
    ) throws(InputFailure) -> Facts {
        if let reason = request.failure { throw InputFailure(reason: reason) }
        let size = Mutex<Resampling.Size?>(nil)
        var options = mediaOptions
        if let degradation = request.degradation {
            options.filtering = options.filtering + degradation.filtering
        }
        let reader = ClipReader(source: request.source, options: options) { info in
            let sampling =
                info.kind == .image ? .uniform(UniformSampling(frameCount: 1)) : sampling
            return ReadPlan(sampling: sampling) { frame in
                let found = Resampling.Size(width: frame.width, height: frame.height)
                let known = size.withLock { size in
                    size = size ?? found
                    return size
                }
                guard known == found else {
                    throw InputFailure(reason: "'\(request.input)' has frames of two sizes")
                }
                return frame.pixels
            }
        }
        do {
            var degeneracy = InputDegeneracy(resizedBy: .openCVLinear)
            var thumbnail: Resampling?
            let summary = try reader.read { clip in
                guard let size = size.withLock(\.self) else { return }
                // As an encoder would see the frame.
                let resampling =
                    thumbnail
                    ?? Resampling(
                        .openCVLinear, from: size, to: Resampling.Size(width: 224, height: 224))
                thumbnail = resampling
                for pixels in clip.frames {
                    let frame = Frame(width: size.width, height: size.height, pixels: pixels)
                    degeneracy.add(try resampling.pixels(of: frame))
                    try body(frame)
                }
            }
            guard let size = size.withLock(\.self) else {
                throw InputFailure(reason: "'\(request.input)' has no frames")
            }
            return Facts(size: size, summary: summary, degeneracy: degeneracy.degeneracy)
        } catch let error as InputFailure {
            throw error
        } catch {
            throw InputFailure(reason: "\(error)")
        }
    }
}
