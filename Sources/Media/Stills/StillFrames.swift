import CFFmpeg
import Frames

/// The one frame of a still image.
final class StillFrames: DecodedSource {
    let properties: SourceProperties
    private(set) var truncation: String?
    private let image: StillImage
    private let options: MediaOptions
    private var isRead = false

    init(_ image: StillImage, input: String, options: MediaOptions) {
        self.image = image
        self.options = options
        truncation = image.truncation
        properties = SourceProperties(
            input: input, formatName: image.formatName, codecName: image.codecName,
            mayBeStill: true, timeBase: AVRational(num: 1, den: 25),
            frameRate: AVRational(num: 25, den: 1), durationSeconds: nil, isLive: false)
    }

    var knownTimeline: FrameTimeline? { FrameTimeline(count: 1) }

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
                case .animation: preconditionFailure("`WebPFrames` reads animations")
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
}
