extension Degradation {
    /// A kind of degradation: a name, and the filters or the encoder for each strength and seed.
    ///
    /// A new kind is a static member in a file of this folder, and one row in `allCases`.
    public struct Kind: RawRepresentable, Sendable, Hashable, CaseIterable {
        /// All kinds, in the order of messages and reports. Random choices depend on the order.
        public static let allCases: [Kind] = [
            .blur,
            .noise,
            .blocks,
            .colour,
            .resolution,
            .box,
            .motionBlur,
            .sharpen,
            .smooth,
            .pixelate,
            .banding,
            .chromaShift,
            .grain,
            .tone,
            .ringing,
            .warp,
            .freeze,
            .shuffle,
            .stutter,
            .cut,
            .skip,
            .flicker,
            .jitter,
            .ghost,
            .drift,
            .wobble,
        ]
        /// Spatial degradations, visible in each frame.
        public static let spatial = allCases.filter { !$0.isTemporal }
        /// Temporal degradations, visible only across frames; they do not change an image.
        public static let temporal = allCases.filter(\.isTemporal)

        /// Name in lists and rows.
        public let rawValue: String
        /// Whether the degradation is visible only across frames.
        public let isTemporal: Bool
        /// The degradation of this kind.
        let step: @Sendable (Degradation) -> FrameFiltering.Step

        /// A kind of FFmpeg filters: a graph as for `ffmpeg -vf`, with the placeholders of
        /// `FrameFiltering`.
        init(
            _ name: String, isTemporal: Bool = false,
            filters: @escaping @Sendable (Degradation) -> String
        ) {
            rawValue = name
            self.isTemporal = isTemporal
            step = { isTemporal ? .videoFilters(filters($0)) : .filters(filters($0)) }
        }

        /// A kind of lossy encoding.
        init(_ name: String, codec: @escaping @Sendable (Degradation) -> RoundTripCodec) {
            rawValue = name
            isTemporal = false
            step = { .encode(codec($0)) }
        }

        /// The kind with a name; nil if there is none.
        public init?(rawValue: String) {
            guard let kind = Self.allCases.first(where: { $0.rawValue == rawValue }) else {
                return nil
            }
            self = kind
        }
    }
}
