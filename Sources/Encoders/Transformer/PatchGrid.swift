import Frames

/// The patches of a frame, row by row. Pixels to the right of and below the last whole patch are left out, as by a
/// convolution without padding.
struct PatchGrid: Sendable, Hashable {
    /// Size of the frame in pixels.
    let size: Resampling.Size
    let rows: Int
    let columns: Int

    init(of size: Resampling.Size, patchSize: Int) {
        self.size = size
        rows = size.height / patchSize
        columns = size.width / patchSize
    }

    var count: Int { rows * columns }
}

extension VisionTransformerConfiguration {
    /// The patches of a frame of `imageSize`² pixels.
    var patchGrid: PatchGrid {
        PatchGrid(of: Resampling.Size(width: imageSize, height: imageSize), patchSize: patchSize)
    }
}
