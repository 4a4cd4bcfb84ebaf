/// Noise and coding artefacts.
extension Degradation.Kind {
    /// Noise, independent in each frame.
    public static let noise = Self("noise") {
        "noise=alls=\($0.byStrength(6, 12, 20, 32, 48)):allf=t:all_seed=\($0.seed & 0x7fff_ffff)"
    }

    /// Luma noise, independent in each frame or the same in all.
    public static let grain = Self("grain") {
        "noise=c0s=\($0.byStrength(8, 14, 22, 34, 50))"
            + ":c0f=\($0.seed.isMultiple(of: 2) ? "t+u" : "u"):all_seed=\($0.seed & 0x7fff_ffff)"
    }

    /// Block artefacts of H.264 or MPEG-4 at a low bit rate.
    public static let blocks = Self(
        "blocks",
        codec: {
            $0.seed.isMultiple(of: 2)
                ? .h264(crf: $0.byStrength(30, 35, 40, 45, 50), preset: "veryfast")
                : .mpeg4(quantiser: $0.byStrength(5, 9, 14, 21, 31))
        })
}
