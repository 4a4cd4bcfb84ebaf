/// Sizes along time, height and width; a picture has one frame.
package struct Extent: Sendable, Hashable {
    package var frames: Int
    package var height: Int
    package var width: Int

    package init(frames: Int = 1, height: Int, width: Int) {
        self.frames = frames
        self.height = height
        self.width = width
    }

    /// A cube, or a square of one frame.
    init(_ side: Int, frames: Int = 1) {
        self.init(frames: frames, height: side, width: side)
    }

    static let one = Extent(1)

    /// Number of positions.
    package var count: Int { frames * height * width }

    var sides: [Int] { [frames, height, width] }
}
