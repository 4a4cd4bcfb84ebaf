extension VisionTransformerConfiguration {
    /// Checks a configuration, which may come from a file.
    ///
    /// - Throws: `EncoderError.invalidConfiguration`.
    func validate() throws(EncoderError) {
        func require(_ condition: Bool, _ reason: String) throws(EncoderError) {
            guard condition else { throw .invalidConfiguration(reason: reason) }
        }
        try blockShape.validate()
        let counts = [
            ("image size", imageSize, 1 << 13), ("patch size", patchSize, 1 << 13),
            ("layers", layers, 1 << 12),
            ("position grid", positionGrid, 1 << 12), ("frame count", frameCount, 1 << 12),
        ]
        for (name, count, limit) in counts {
            try require((1...limit).contains(count), "\(name) \(count) is not in 1…\(limit)")
        }
        try require(
            imageSize.isMultiple(of: patchSize),
            "an image of \(imageSize) pixels does not divide into patches of \(patchSize)")
        try require(
            tokenCount(frames: frameCount) <= 1 << 17,
            "a clip has \(tokenCount(frames: frameCount)) tokens")
    }
}

extension BlockShape {
    /// - Throws: `EncoderError.invalidConfiguration`.
    func validate() throws(EncoderError) {
        func require(_ condition: Bool, _ reason: String) throws(EncoderError) {
            guard condition else { throw .invalidConfiguration(reason: reason) }
        }
        let counts = [
            ("width", width, 1 << 16), ("heads", heads, 1 << 12),
            ("hidden width", hiddenWidth, 1 << 18),
        ]
        for (name, count, limit) in counts {
            try require((1...limit).contains(count), "\(name) \(count) is not in 1…\(limit)")
        }
        try require(
            width.isMultiple(of: heads), "width \(width) does not divide into \(heads) heads")
        for (name, count) in [("width", width), ("hidden width", hiddenWidth)] {
            try require(count.isMultiple(of: 4), "\(name) \(count) is no multiple of 4")
        }
        try require(
            layerNormEpsilon >= 0 && layerNormEpsilon.isFinite,
            "layer norm epsilon \(layerNormEpsilon) is not a small positive number")
    }
}
