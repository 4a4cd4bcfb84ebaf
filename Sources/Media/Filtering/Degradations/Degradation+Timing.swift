/// Degradations of the sequence of frames.
extension Degradation.Kind {
    /// Freeze of the last 20 % to 90 % of the frames.
    public static let freeze = Self("freeze", isTemporal: true) {
        // Overlays the moving frames on all; `overlay` repeats the last of them to the end.
        let moving = $0.byStrength(0.8, 0.65, 0.5, 0.3, 0.1)
        return "split[all][some];[some]select='lt(n,max(1,round({frames}*\(moving))))'"
            + "[moving];[all][moving]overlay=eof_action=repeat:format=auto"
    }

    /// Random order of frames, within a window of 4 % to 100 % of the video.
    public static let shuffle = Self("shuffle", isTemporal: true) {
        "random=frames='clip({frames}*\($0.byStrength(0.04, 0.1, 0.25, 0.5, 1)),2,512)'"
            + ":seed=\($0.seed)"
    }

    /// Repeated frames: from one of every four repeating the frame before, to each shown four
    /// times.
    public static let stutter = Self("stutter", isTemporal: true) {
        let (period, shown) = $0.byStrength((4, 3), (3, 2), (2, 1), (3, 1), (4, 1))
        return "select='lt(mod(n,\(period)),\(shown))',fps=source_fps"
    }

    /// Removal of one run of 15 % to 50 % of the frames. It starts at 30 % to 70 % of the possible
    /// positions, not before the second frame.
    public static let cut = Self("cut", isTemporal: true) {
        let length = "max(1,round({frames}*\($0.byStrength(0.15, 0.22, 0.3, 0.4, 0.5))))"
        let begin = "max(1,round(({frames}-\(length))*\(Double(3 + $0.seed % 5) / 10)))"
        return "select='lt(n,\(begin))+gte(n,\(begin)+\(length))',\(closeGaps)"
    }

    /// Removal of one to five frames after every three.
    public static let skip = Self("skip", isTemporal: true) {
        "select='lt(mod(n+\($0.seed % 8),\($0.byStrength(4, 5, 6, 7, 8))),3)',\(closeGaps)"
    }

    /// Blending of each frame with up to five previous ones.
    public static let ghost = Self("ghost", isTemporal: true) {
        // Weights of the previous frames, oldest first, and of the frame itself.
        let weights = $0.byStrength("1 3", "1 1", "1 1 1", "1 1 1 1", "1 1 1 1 1 1")
        return "tmix=frames=\($0.byStrength(2, 2, 3, 4, 6)):weights=\(weights)"
    }

    /// Renumbers the timestamps, so that removed frames leave no gap.
    private static let closeGaps = "setpts=N/(FRAME_RATE*TB)"
}
