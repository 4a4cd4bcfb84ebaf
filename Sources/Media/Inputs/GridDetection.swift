import Frames

/// Detects the grid layout of a frame from its black gutters.
///
/// A gutter is a band of rows or columns that is dark over its whole length, and darker than the
/// adjacent cells. Compression ringing makes gutters grey next to bright cells, and night scenes
/// are as dark as gutters. Detection therefore uses means of rows and columns, not single pixels,
/// and tests their contrast to the cells as well as their level.
struct GridDetection {
    /// Maximum mean of a gutter's rows or columns, 0...255.
    private static let maximumGutterMean = 48.0
    /// Minimum difference of means between a cell's edge and its gutter.
    private static let contrast = 12.0
    private static let paddings = (1...16).reversed()
    private static let counts = 1...16

    private let width: Int
    private let height: Int
    /// Per column and per row, the sum of the pixels' largest channels over all frames.
    private var columns: [Int]
    private var rows: [Int]
    private var frameCount = 0

    init(width: Int, height: Int) {
        self.width = width
        self.height = height
        columns = Array(repeating: 0, count: width)
        rows = Array(repeating: 0, count: height)
    }

    /// Adds a frame; a frame of another size is ignored.
    mutating func add(_ frame: Frame) {
        guard frame.width == width, frame.height == height else { return }
        frameCount += 1
        frame.pixels.withUnsafeBufferPointer { pixels in
            for y in 0..<height {
                for x in 0..<width {
                    let offset = 3 * (y * width + x)
                    let level = Int(max(pixels[offset], pixels[offset + 1], pixels[offset + 2]))
                    columns[x] += level
                    rows[y] += level
                }
            }
        }
    }

    /// The detected layout; nil if there is none.
    var layout: GridLayout? {
        guard frameCount > 0 else { return nil }
        let columnMeans = columns.map { Double($0) / Double(height * frameCount) }
        let rowMeans = rows.map { Double($0) / Double(width * frameCount) }
        for padding in Self.paddings {
            let columnCounts = Self.divisions(of: columnMeans, padding: padding)
            let rowCounts = Self.divisions(of: rowMeans, padding: padding)
            if let columns = columnCounts.max(), let rows = rowCounts.max(), columns * rows > 1 {
                return GridLayout(columns: columns, rows: rows, padding: padding)
            }
        }
        return nil
    }

    /// The possible numbers of cells along one side.
    ///
    /// - Parameter means: Mean of each row or column.
    private static func divisions(of means: [Double], padding: Int) -> [Int] {
        counts.filter { count in
            guard let side = GridLayout.side(of: means.count, count: count, padding: padding)
            else { return false }
            let gutters = (0...count).map { gutter in
                let start = gutter * (side + padding)
                return means[start..<start + padding].max() ?? 0
            }
            guard gutters.allSatisfy({ $0 <= maximumGutterMean }) else { return false }
            return (0..<count).allSatisfy { cell in
                let first = padding + cell * (side + padding)
                return means[first] >= gutters[cell] + contrast
                    && means[first + side - 1] >= gutters[cell + 1] + contrast
            }
        }
    }
}

extension GridLayout {
    /// Number of frames to examine, and the stride between them.
    private static let examined = (count: 6, step: 3)

    /// Detects the grid layout of an input's frames.
    ///
    /// - Returns: The size of the first frame, and the layout; nil if no black gutters are found.
    /// - Throws: `MediaError`.
    public static func detect(
        in source: InputSource, options: MediaOptions = .init()
    ) throws(MediaError) -> (width: Int, height: Int, layout: GridLayout?) {
        let reader = try MediaReader(source, options: options)
        var detection = GridDetection(width: reader.info.width, height: reader.info.height)
        while let time = try reader.advance() {
            guard time.index < examined.count * examined.step else { break }
            if time.index.isMultiple(of: examined.step) {
                detection.add(try reader.frame(isSquare: false))
            }
        }
        return (reader.info.width, reader.info.height, detection.layout)
    }
}
