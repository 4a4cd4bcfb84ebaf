import Foundation
import Media

/// The file that an input's stretches are cut from, and its clocks.
struct CutSource {
    /// An absolute path, or an address.
    let path: String
    private let origin: VideoOrigin

    /// - Throws: `GANRMError.uncuttable` for what is no file of its own; `MediaError` for a file that
    ///   cannot be read.
    init(input: String) throws {
        if input == "-" {
            throw GANRMError.uncuttable(
                input: input, reason: "a stream is gone once it is scored; score a file of it")
        }
        if FrameRegion.split(input).region != nil {
            throw GANRMError.uncuttable(
                input: input, reason: "it is a region; take the rows, and crop when you cut")
        }
        let source = InputSource.path(input)
        if let scheme = source.scheme, scheme != "file" {
            path = input
        } else {
            let name = source.scheme == nil ? input : String(input.dropFirst("file://".count))
            guard FileManager.default.fileExists(atPath: name) else {
                throw GANRMError.uncuttable(
                    input: input,
                    reason: """
                        there is no such file here; work in the folder in which it was scored, and make a \
                        video of numbered pictures
                        """)
            }
            let folder = FileManager.default.currentDirectoryPath
            path = name.hasPrefix("/") ? name : "\(folder)/\(name)"
        }
        origin = try VideoOrigin(of: source)
    }

    var isSeekable: Bool { origin.isSeekable }
    /// The first frame's time stamp, in seconds.
    var firstStamp: Double { origin.firstFrameSeconds }

    /// From where to where to cut, in seconds.
    struct Cut {
        /// Nil: from the beginning.
        let start: Double?
        /// Nil: to the end.
        let end: Double?
    }

    /// A frame is shown from its time stamp on: half a millisecond before it, rounding cannot move it to
    /// the other side. FFmpeg's time bases and the lists' six digits do round.
    private static let margin = 0.0005

    /// The cut on the file's own time stamps, by which concat lists and mpv go.
    func stamps(_ segment: Segment, of curve: ScoreCurve) -> Cut {
        cut(segment, of: curve, origin: origin.firstFrameSeconds)
    }

    /// The cut on the clock that begins with the file, by which `ffmpeg -ss` goes.
    func seconds(_ segment: Segment, of curve: ScoreCurve) -> Cut {
        cut(segment, of: curve, origin: origin.delaySeconds)
    }

    /// Of a stretch, in seconds.
    func length(_ segment: Segment) -> Double {
        segment.time.upperBound - segment.time.lowerBound - Self.margin
    }

    private func cut(_ segment: Segment, of curve: ScoreCurve, origin: Double) -> Cut {
        let shift = origin - Self.margin
        return Cut(
            start: segment.time.lowerBound > 0 ? segment.time.lowerBound + shift : nil,
            // Nobody knows how long the last frame is shown.
            end: curve.isEnd(segment.time.upperBound) ? nil : segment.time.upperBound + shift)
    }
}
