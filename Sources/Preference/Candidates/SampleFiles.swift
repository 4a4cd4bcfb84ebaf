import Files
import TextFormats

/// The files of a folder by sample: a tool may write several files for one.
///
/// ComfyUI's VideoHelperSuite writes `N.mp4`, the same frames with sound as `N-audio.mp4`, and the
/// first frame, with the workflow, as `N.png`. One of them is a candidate: the video.
///
/// Source: ComfyUI-VideoHelperSuite, `videohelpersuite/nodes.py`, `VideoCombine.combine_video`.
struct SampleFiles {
    private static let audioSuffix = "-audio"
    private static let videos = extensions("mp4 m4v mov mkv webm avi gif apng flv wmv mpg ts ogv")
    private static let stills = extensions("png jpg jpeg bmp tif tiff jxl")

    /// Paths of the videos without extension and without `-audio`.
    private var videoStems: Set<ByteString> = []
    /// Paths of the videos without extension.
    private var plainStems: Set<ByteString> = []

    init(_ paths: [String]) {
        for path in paths {
            let (stem, type) = Self.split(path)
            guard Self.videos.contains(type) else { continue }
            _ = plainStems.insert(stem)
            _ = videoStems.insert(Self.withoutAudioSuffix(stem))
        }
    }

    /// Whether another file of the folder is the sample's candidate instead.
    func isSecondary(_ path: String) -> Bool {
        let (stem, type) = Self.split(path)
        if Self.stills.contains(type) { return videoStems.contains(stem) }
        guard Self.videos.contains(type), stem.hasByteSuffix(Self.audioSuffix) else {
            return false
        }
        return plainStems.contains(Self.withoutAudioSuffix(stem))
    }

    /// A file name, without extension, as the sample's file without sound would have it.
    static func sampleName(_ name: String, of path: String) -> String {
        videos.contains(split(path).type) ? withoutAudioSuffix(name) : name
    }

    private static func withoutAudioSuffix(_ stem: String) -> String {
        guard stem.hasByteSuffix(audioSuffix) else { return stem }
        return String(Substring(stem.utf8.dropLast(audioSuffix.utf8.count)))
    }

    /// A path without its extension, and the extension in lower case.
    private static func split(_ path: String) -> (stem: String, type: String) {
        let type = PathName.split(PathName.last(of: path)).extension
        guard !type.isEmpty else { return (path, "") }
        return (String(Substring(path.utf8.dropLast(type.utf8.count + 1))), type.lowercased())
    }

    private static func extensions(_ text: String) -> Set<String> {
        Set(text.split(separator: " ").map(String.init))
    }
}
