public import Media

/// What both sides of a training are brought to, so that their containers tell nothing.
///
/// Of frame rate and short side it takes the lower of the two sides' medians: what is lost cannot be put
/// back. Every video gets this frame rate, by repeating and dropping frames; a larger frame is shrunk, a
/// smaller one stays, since enlarging would be a sign of its own; everything is coded once more in one
/// way. Length and aspect ratio stay as they are.
public struct SideMatch: Sendable, Hashable {
    /// Frames per second; nil unless both sides have videos.
    public let frameRate: Double?
    /// Longest short side, in pixels, even.
    public let shortSide: Int

    /// What is alike afterwards, as far as it can be.
    public static let properties: [ContainerProperty] = [.codec, .shortSide, .frameRate]

    /// H.264, good enough to leave quality visible.
    public static let codec = RoundTripCodec.h264(crf: 20)

    /// Nil if a side has no input that can be read.
    public init?(proxy: [MediaInfo], generated: [MediaInfo]) {
        func lowerMedian(_ number: (MediaInfo) -> Double?) -> Double? {
            guard let first = SideStatistics.Span(proxy.compactMap(number)),
                let second = SideStatistics.Span(generated.compactMap(number))
            else { return nil }
            return min(first.median, second.median)
        }
        guard let side = lowerMedian({ Double(min($0.width, $0.height)) }) else { return nil }
        shortSide = max(Int(side) / 2 * 2, 2)
        frameRate = lowerMedian(\.frameRate)
    }

    public var treatment: FrameTreatment {
        let target = shortSide
        func side(_ own: String, _ other: String) -> String {
            "'if(lte(min(iw,ih),\(target)),\(own),"
                + "if(lte(\(own),\(other)),\(target),2*round(\(own)*\(target)/\(other)/2)))'"
        }
        let scale = "scale=\(side("iw", "ih")):\(side("ih", "iw")):flags=bicubic"
        let rate = frameRate.map { [FrameTreatment.Step.frameRate($0)] } ?? []
        return FrameTreatment(rate + [.filters(scale), .encode(Self.codec)])
    }

    /// What inputs are, by opening each of them; those that cannot be opened, and standard input, which
    /// can be read only once, are left out.
    public static func probe(
        _ requests: RequestSource, interruption: Interruption = Interruption()
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
