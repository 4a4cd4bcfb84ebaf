extension VisionTransformerConfiguration {
    /// Operations of the blocks' matrix products for one clip; a multiply-add counts as two.
    ///
    /// This is the count that papers and other runtimes use: it excludes the patch embedding, and
    /// it includes `fc2` for every token even if it is applied to pooled activations only
    /// (`VisionTransformer.poolsHidden`).
    ///
    /// - Parameters:
    ///   - frames: Frames of the clip, which attend to each other.
    ///   - blocks: Number of blocks computed; nil means all.
    public func operations(frames: Int, blocks: Int? = nil) -> Double {
        let tokens = Double(tokenCount(frames: frames))
        let (width, hidden) = (Double(width), Double(hiddenWidth))
        let linear = 2 * tokens * (4 * width * width + 2 * width * hidden)
        let attention = 4 * tokens * tokens * width
        return Double(blocks ?? layers) * (linear + attention)
    }
}
