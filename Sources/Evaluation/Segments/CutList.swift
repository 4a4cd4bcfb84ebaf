import Files
import Foundation
import Pipeline
import TextFormats

/// Formats segments, in order of time, as a cut list for FFmpeg or a player.
public struct CutList: Sendable {
    public enum Format: Sendable {
        /// A list for FFmpeg's concat demuxer: `ffmpeg -f concat -safe 0 -i LIST`.
        case ffconcat
        /// An edit decision list for mpv: `mpv LIST.edl`.
        case edl
        /// A shell script that writes each segment to a separate file.
        case sh
    }

    public let format: Format
    /// Names of the output files so far, for `sh`.
    private var outputNames: Set<ByteString> = []

    public init(_ format: Format) {
        self.format = format
    }

    /// The lines before the segments.
    public var header: String {
        switch format {
        case .ffconcat: "ffconcat version 1.0"
        case .edl: "# mpv EDL v0"
        case .sh:
            """
            #!/bin/sh
            # Arguments are passed on as ffmpeg's output options: sh LIST -c:v libx264 -crf 18
            set -eu
            """
        }
    }

    /// The lines of a curve's segments.
    ///
    /// - Throws: `EvaluationError.cannotBeCut`; `MediaError` for a file that cannot be read.
    public mutating func lines(_ segments: [Segment], of curve: ScoreCurve) throws -> [String] {
        guard !segments.isEmpty else { return [] }
        let source = try CutSource(input: curve.input)
        guard source.isSeekable else {
            throw EvaluationError.cannotBeCut(
                input: curve.input,
                reason: """
                    FFmpeg does not find the frames of this format by their times; copy it \
                    (ffmpeg -i IN -c copy OUT.mkv) and score the copy
                    """)
        }
        let segments = segments.sorted { $0.time.lowerBound < $1.time.lowerBound }
        return switch format {
        case .ffconcat: try concatLines(segments, of: curve, in: source)
        case .edl: segments.map { editLine($0, of: curve, in: source) }
        case .sh: segments.map { command($0, of: curve, in: source) }
        }
    }

    private func concatLines(
        _ segments: [Segment], of curve: ScoreCurve, in source: CutSource
    ) throws -> [String] {
        // The demuxer splits into lines before it parses quotes.
        guard !source.path.utf8.contains(where: { "\n\r".utf8.contains($0) }) else {
            throw EvaluationError.cannotBeCut(
                input: curve.input,
                reason:
                    "concat lists have no name of two lines; rename the file, or take --format sh")
        }
        return segments.flatMap { segment in
            let cut = source.stamps(segment, of: curve)
            return ["file \(ShellWord.inQuotes(source.path))"]
                + (cut.start.map { ["inpoint \(Self.decimal($0))"] } ?? [])
                + (cut.end.map { ["outpoint \(Self.decimal($0))"] } ?? [])
        }
    }

    private func editLine(
        _ segment: Segment, of curve: ScoreCurve, in source: CutSource
    ) -> String {
        let cut = source.stamps(segment, of: curve)
        let start = cut.start ?? source.firstStamp
        // EDL quotes a name by its length in bytes.
        return "%\(source.path.utf8.count)%\(source.path),\(Self.decimal(start))"
            + (cut.end.map { ",\(Self.decimal($0 - start))" } ?? "")
    }

    private mutating func command(
        _ segment: Segment, of curve: ScoreCurve, in source: CutSource
    ) -> String {
        let cut = source.seconds(segment, of: curve)
        let range =
            (cut.start.map { "-ss \(Self.decimal($0)) " } ?? "")
            // `-t` counts from the first frame after `-ss`.
            + (cut.end.map { _ in "-t \(Self.decimal(source.length(segment))) " } ?? "")
        let output = ShellWord.quoted(outputName(segment, path: source.path))
        // Otherwise ffmpeg duplicates frames if the audio starts before them.
        return "ffmpeg -nostdin -v error \(range)-i \(ShellWord.quoted(source.path)) "
            + "-fps_mode passthrough \"$@\" \(output)"
    }

    private mutating func outputName(_ segment: Segment, path: String) -> String {
        let file = PathName.stem(of: path)
        // A name that starts with "-" must not be parsed as an option.
        let stem = file.hasBytePrefix("-") ? "./\(file)" : file
        var number = 1
        while true {
            let suffix = number == 1 ? "" : "-\(number)"
            let name = "\(stem)\(suffix)-\(segment.kind.rawValue)-\(segment.rank).mp4"
            if outputNames.insert(name) { return name }
            number += 1
        }
    }

    private static func decimal(_ seconds: Double) -> String { String(format: "%.6f", seconds) }
}
