import CFFmpeg
import Files
import Frames
import Glibc

/// The one frame of a still image file.
///
/// The format is recognised by the file's first bytes, and the structure of the file determines what
/// belongs to the image, its orientation and whether something is missing.
final class StillFrames: DecodedSource {
    let properties: SourceProperties
    private(set) var truncation: String?
    private let image: StillImage
    private let options: MediaOptions
    private var isRead = false

    /// - Returns: Nil if the source is not a still image file, or if a format is named: then FFmpeg's
    ///   demuxers read it.
    init?(_ source: InputSource, options: MediaOptions) throws(MediaError) {
        guard options.format == nil, source.isRegularFile, let path = source.filePath,
            let image = try Self.image(in: path, input: source.description)
        else { return nil }
        guard options.pixelLimit > 0 else {
            throw .invalidOption(
                input: source.description, reason: "pixel limit and thread count start at 1")
        }
        LibavLog.install()
        LibavLog.clear()
        self.image = image
        self.options = options
        truncation = image.truncation
        properties = SourceProperties(
            input: source.description, formatName: image.formatName, codecName: image.codecName,
            mayBeStill: true, timeBase: AVRational(num: 1, den: 25),
            frameRate: AVRational(num: 25, den: 1), durationSeconds: nil, isLive: false)
    }

    var constantRateFrameCount: Int? { 1 }

    func orientation(of frame: UnsafeMutablePointer<AVFrame>) -> Orientation { image.orientation }

    func next(into output: borrowing UniqueAVFrame) throws(MediaError) -> FrameTime? {
        guard !isRead else { return nil }
        isRead = true
        let decoder = StillDecoder(input: properties.input, options: options)
        let damage: String?
        do {
            damage =
                switch image.pixels {
                case .packet(let bytes, let codec):
                    try decoder.decode(bytes, codec, into: output)
                case .tiff(let bytes):
                    try TIFFImage(bytes[...], input: properties.input).read(
                        into: output, input: properties.input, pixelLimit: options.pixelLimit)
                case .heif(let heif): try decoder.decode(heif, into: output)
                }
        } catch .damaged(_, _, let reason) {
            throw .damaged(
                input: properties.input, framesRead: 0, reason: truncation ?? reason)
        } catch .undecodable(let input, let reason) {
            if let truncation {
                throw .damaged(input: input, framesRead: 0, reason: truncation)
            }
            throw .undecodable(input: input, reason: reason)
        }
        truncation = truncation ?? damage
        return FrameTime(index: 0)
    }

    /// The image of a file; nil if it is not a still image.
    private static func image(in path: String, input: String) throws(MediaError) -> StillImage? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        // The demuxers report what is wrong.
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        let name = path.split(separator: "/").last ?? ""
        let pathExtension = name.lastIndex(of: ".").map {
            name[name.index(after: $0)...].lowercased()
        }
        let head = try read(StillFormat.headLength, from: descriptor, path: input)
        guard let format = StillFormat.of(head: head[...], pathExtension: pathExtension ?? "")
        else {
            return nil
        }
        var status = stat()
        guard fstat(descriptor, &status) == 0, lseek(descriptor, 0, SEEK_SET) == 0 else {
            throw .file(.last(.read, input))
        }
        // libav's packets have at most 2³¹ − 1 bytes.
        guard status.st_size <= 1 << 30 else { return nil }
        let bytes = try read(Int(status.st_size), from: descriptor, path: input)
        guard let image = try format.read(bytes[...], input) else { return nil }
        let isSequence = image.mayBeFollowed && !StillFormat.isExtensionOfStill(pathExtension ?? "")
        return isSequence ? nil : image
    }

    /// At most `count` bytes of a file; fewer at its end.
    private static func read(
        _ count: Int, from descriptor: Int32, path: String
    ) throws(MediaError) -> [UInt8] {
        var failed = false
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            while filled < count {
                let step = Glibc.read(descriptor, buffer.baseAddress! + filled, count - filled)
                if step < 0 && errno == EINTR { continue }
                failed = step < 0
                if step <= 0 { break }
                filled += step
            }
        }
        if failed { throw .file(.last(.read, path)) }
        return bytes
    }
}
