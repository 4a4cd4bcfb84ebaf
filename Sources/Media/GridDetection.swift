public import Frames

/// Finds out how a frame is divided, by its black gutters.
///
/// A gutter is a band of rows or columns that is dark over its whole length, and darker than the cells right
/// beside it. An encoder's ringing makes gutters grey where cells are bright, and night scenes are dark
/// themselves: so means count, not single pixels, and the difference, not the level alone.
struct GridDetection {
    /// Highest mean of a gutter's rows or columns, of 255.
    private static let darkest = 48.0
    /// Least difference of means between a cell's edge and the gutter.
    private static let contrast = 12.0
    private static let paddings = (1...16).reversed()
    private static let counts = 1...16

    private let width: Int
    private let height: Int
    /// Sums over all frames of the brightest channel, of each column and row.
    private var columns: [Int]
    private var rows: [Int]
    private var frameCount = 0

    init(width: Int, height: Int) {
        self.width = width
        self.height = height
        columns = Array(repeating: 0, count: width)
        rows = Array(repeating: 0, count: height)
    }

    /// Takes a frame into account; one of another size is passed over.
    mutating func add(_ frame: Frame) {
        guard frame.width == width, frame.height == height else { return }
        frameCount += 1
        frame.pixels.withUnsafeBufferPointer { pixels in
            for y in 0..<height {
                for x in 0..<width {
                    let at = 3 * (y * width + x)
                    let level = Int(max(pixels[at], pixels[at + 1], pixels[at + 2]))
                    columns[x] += level
                    rows[y] += level
                }
            }
        }
    }

    /// The layout; nil if there is no such pattern.
    var layout: GridLayout? {
        guard frameCount > 0 else { return nil }
        let columnMeans = columns.map { Double($0) / Double(height * frameCount) }
        let rowMeans = rows.map { Double($0) / Double(width * frameCount) }
        for padding in Self.paddings {
            let across = Self.divisions(of: columnMeans, padding: padding)
            let down = Self.divisions(of: rowMeans, padding: padding)
            if let columns = across.max(), let rows = down.max(), columns * rows > 1 {
                return GridLayout(columns: columns, rows: rows, padding: padding)
            }
        }
        return nil
    }

    /// Into how many cells a side may be divided.
    ///
    /// - Parameter means: Of each row or column.
    private static func divisions(of means: [Double], padding: Int) -> [Int] {
        counts.filter { count in
            guard let side = GridLayout.side(of: means.count, count: count, padding: padding)
            else { return false }
            let gutters = (0...count).map { gutter in
                let start = gutter * (side + padding)
                return means[start..<start + padding].max() ?? 0
            }
            guard gutters.allSatisfy({ $0 <= darkest }) else { return false }
            return (0..<count).allSatisfy { cell in
                let first = padding + cell * (side + padding)
                return means[first] >= gutters[cell] + contrast
                    && means[first + side - 1] >= gutters[cell + 1] + contrast
            }
        }
    }
}

extension GridLayout {
    /// How many frames are looked at, and how far they lie apart.
    private static let looks = (count: 6, step: 3)

    /// Finds out how the frames of an input are divided.
    ///
    /// - Returns: The size of its first frame, and the layout; nil if black gutters do not tell it.
    /// - Throws: `MediaError`.
    public static func detect(
        in source: InputSource, options: MediaOptions = .init()
    ) throws(MediaError) -> (width: Int, height: Int, layout: GridLayout?) {
        let reader = try MediaReader(source, options: options)
        var detection = GridDetection(width: reader.info.width, height: reader.info.height)
        while let time = try reader.advance() {
            guard time.index < looks.count * looks.step else { break }
            if time.index.isMultiple(of: looks.step) { detection.add(try reader.frame()) }
        }
        return (reader.info.width, reader.info.height, detection.layout)
    }
}
