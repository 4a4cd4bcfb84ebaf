import CFFmpeg
import Frames

/// The frames of another source, some of which can be read before they are taken.
final class LookaheadFrames: FrameSource {
    /// A frame that was read but not taken yet.
    final class Entry {
        let frame = UniqueAVFrame()
        var time: FrameTime

        fileprivate init?(from source: any FrameSource) throws(MediaError) {
            guard let time = try source.next(into: frame) else { return nil }
            self.time = time
        }
    }

    private let source: any FrameSource
    private var entries: [Entry] = []

    init(_ source: any FrameSource) {
        self.source = source
    }

    /// Reads one more frame; nil at the end.
    func readAhead() throws(MediaError) -> Entry? {
        guard let entry = try Entry(from: source) else { return nil }
        entries.append(entry)
        return entry
    }

    func next(into output: borrowing UniqueAVFrame) throws(MediaError) -> FrameTime? {
        guard !entries.isEmpty else { return try source.next(into: output) }
        let entry = entries.removeFirst()
        output.take(entry.frame)
        return entry.time
    }

    func orientation(of frame: UnsafeMutablePointer<AVFrame>) -> Orientation {
        source.orientation(of: frame)
    }
}
