public import Media
import Pipeline

/// A filtering that equalises frame rate, short side and codec of both sides of a training.
///
/// Frame rate and short side become the lower of the two sides' medians, because lost detail cannot
/// be restored. Videos are converted to this frame rate by repeating and dropping frames. Larger
/// frames are downscaled; smaller ones are not upscaled, which would itself be detectable. All
/// inputs are encoded once more with the same codec. Length and aspect ratio are unchanged.
public struct SideMatch: Sendable, Hashable {
    /// Frames per second; nil unless both sides have videos.
    public let frameRate: Double?
    /// Maximum short side in pixels, an even number.
    public let shortSide: Int

    /// The properties that are equalised.
    public static let properties: [ContainerProperty] = [.codec, .shortSide, .frameRate]

    /// H.264 with a CRF low enough to preserve differences in quality.
    public static let codec = RoundTripCodec.h264(crf: 20)

    /// Chooses the targets from both sides' inputs; nil if a side is empty.
    public init?(proxy: [MediaInfo], generated: [MediaInfo]) {
        func lowerMedian(_ value: (MediaInfo) -> Double?) -> Double? {
            guard let first = SideStatistics.Span(proxy.compactMap(value)),
                let second = SideStatistics.Span(generated.compactMap(value))
            else { return nil }
            return min(first.median, second.median)
        }
        guard let side = lowerMedian({ Double(min($0.width, $0.height)) }) else { return nil }
        shortSide = max(Int(side) / 2 * 2, 2)
        frameRate = lowerMedian(\.frameRate)
    }

    /// The filters and the encoding, in this order.
    public var filtering: FrameFiltering {
        let target = shortSide
        func scaled(_ side: String, _ other: String) -> String {
            "'if(lte(min(iw,ih),\(target)),\(side),"
                + "if(lte(\(side),\(other)),\(target),2*round(\(side)*\(target)/\(other)/2)))'"
        }
        let scale = "scale=\(scaled("iw", "ih")):\(scaled("ih", "iw")):flags=bicubic"
        let rate = frameRate.map { [FrameFiltering.Step.frameRate($0)] } ?? []
        return FrameFiltering(rate + [.filters(scale), .encode(Self.codec)])
    }

    /// Opens each input and returns its media info. Inputs that cannot be opened are skipped, as is
    /// standard input, which can be read only once.
    static func probe(
        _ requests: RequestSource, interruption: Interruption
    ) -> [MediaInfo] {
        var infos: [MediaInfo] = []
        while !interruption.isRequested, let request = requests.next() {
            guard request.failure == nil, request.source != .standardInput,
                let reader = try? MediaReader(request.source)
            else { continue }
            infos.append(reader.info)
        }
        return infos
    }
}

extension SideMatch: CustomStringConvertible {
    public var description: String {
        let rate = frameRate.map { "\(ContainerProperty.frameRate.decimals($0)) fps, " } ?? ""
        return rate + "short side at most \(shortSide) pixels, H.264 of CRF 20"
    }
}
