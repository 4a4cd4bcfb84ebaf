import Files
import Foundation
import Media
import Pipeline

/// The file from which an input's segments are cut, with its time origins.
struct CutSource {
    /// An absolute path, or a URL.
    let path: String
    private let origin: VideoStartTime

    /// Opens an input and decodes its first frame.
    ///
    /// - Throws: `EvaluationError.cannotBeCut` for standard input, regions and sequences; `MediaError`
    ///   for a file that cannot be read.
    init(input: String) throws {
        if input == "-" {
            throw EvaluationError.cannotBeCut(
                input: input, reason: "a stream is gone once it is scored; score a file of it")
        }
        if FrameRegion.split(input).region != nil {
            throw EvaluationError.cannotBeCut(
                input: input, reason: "it is a region; take the rows, and crop when you cut")
        }
        if TarMember(input) != nil {
            throw EvaluationError.cannotBeCut(
                input: input,
                reason: "it is a member of a tar archive; unpack it, and score the file")
        }
        let source = InputSource.path(input)
        if let scheme = source.scheme, scheme != "file" {
            path = input
        } else {
            let name =
                source.scheme == nil
                ? input : String(Substring(input.utf8.dropFirst("file://".utf8.count)))
            guard try FileSystem.exists(name, failing: EvaluationError.file) else {
                throw EvaluationError.cannotBeCut(
                    input: input,
                    reason: """
                        there is no such file here; work in the folder in which it was scored, and make a \
                        video of numbered images
                        """)
            }
            let folder = FileManager.default.currentDirectoryPath
            path = PathName.isAbsolute(name) ? name : PathName.join(folder, name)
        }
        origin = try VideoStartTime(of: source)
    }

    var isSeekable: Bool { origin.isSeekable }
    /// The first frame's time stamp in seconds.
    var firstStamp: Double { origin.firstFrameSeconds }

    /// A range of time in seconds.
    struct Cut {
        /// Nil starts at the beginning.
        let start: Double?
        /// Nil ends at the end.
        let end: Double?
    }

    /// Seconds by which cuts are before a frame's time stamp, so that rounding cannot move them
    /// behind it. FFmpeg's time bases and the six decimals of the lists do round.
    private static let margin = 0.0005

    /// The cut in the file's time stamps, as concat lists and mpv expect it.
    func stamps(_ segment: Segment, of curve: ScoreCurve) -> Cut {
        cut(segment, of: curve, origin: origin.firstFrameSeconds)
    }

    /// The cut in seconds after the earliest time stamp of any stream, as `ffmpeg -ss` expects it.
    func seconds(_ segment: Segment, of curve: ScoreCurve) -> Cut {
        cut(segment, of: curve, origin: origin.startOffsetSeconds)
    }

    /// Duration of a segment in seconds, less the margin.
    func length(_ segment: Segment) -> Double {
        segment.time.upperBound - segment.time.lowerBound - Self.margin
    }

    private func cut(_ segment: Segment, of curve: ScoreCurve, origin: Double) -> Cut {
        let shift = origin - Self.margin
        return Cut(
            start: segment.time.lowerBound > 0 ? segment.time.lowerBound + shift : nil,
            // The duration of the last frame is unknown.
            end: curve.isEnd(segment.time.upperBound) ? nil : segment.time.upperBound + shift)
    }
}
