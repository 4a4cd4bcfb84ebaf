extension VisionTransformerConfiguration {
    /// Operations of the blocks' matrix products for one clip, a multiply-add being two: what papers and other
    /// runtimes count. The patch embedding is left out, a second matrix that is applied to pooled numbers only
    /// (`VisionTransformer.poolsInnerNumbers`) is not.
    ///
    /// - Parameters:
    ///   - frames: Of the clip, that attend to each other.
    ///   - blocks: How many are computed; nil: all.
    public func operations(frames: Int, blocks: Int? = nil) -> Double {
        let tokens = Double(tokenCount(frames: frames))
        let (width, hidden) = (Double(width), Double(hiddenWidth))
        let linear = 2 * tokens * (4 * width * width + 2 * width * hidden)
        let attention = 4 * tokens * tokens * width
        return Double(blocks ?? layers) * (linear + attention)
    }
}
