/// The layout of several images of the same size in one frame.
///
/// Source: torchvision, `torchvision/utils.py`, `make_grid(nrow=columns, padding=2, pad_value=0)`:
/// cells in row-major order, with padding around and between them. VideoCrafter writes the samples
/// of a prompt in this layout (`scripts/evaluation/funcs.py`, `save_videos`).
public struct GridLayout: Sendable, Hashable {
    /// Number of columns, at least 1.
    public var columns: Int
    /// Number of rows, at least 1.
    public var rows: Int
    /// Pixels around and between the cells, at least 0.
    public var padding: Int

    /// torchvision's default padding, in pixels.
    public static let defaultPadding = 2

    public init(columns: Int, rows: Int = 1, padding: Int = Self.defaultPadding) {
        precondition(columns > 0 && rows > 0 && padding >= 0)
        self.columns = columns
        self.rows = rows
        self.padding = padding
    }

    public var count: Int { columns * rows }

    /// The cells of a frame, in row-major order.
    ///
    /// - Returns: Nil if the frame does not divide into cells of the same size.
    public func cells(width: Int, height: Int) -> [FrameRegion]? {
        guard let cellWidth = Self.side(of: width, count: columns, padding: padding),
            let cellHeight = Self.side(of: height, count: rows, padding: padding)
        else { return nil }
        return (0..<rows).flatMap { row in
            (0..<columns).map { column in
                FrameRegion(
                    x: padding + column * (cellWidth + padding),
                    y: padding + row * (cellHeight + padding), width: cellWidth,
                    height: cellHeight)
            }
        }
    }

    /// Side of a cell in pixels, at least 1; nil if the cells would differ in size.
    static func side(of length: Int, count: Int, padding: Int) -> Int? {
        let inner = length - padding
        guard inner > 0, inner.isMultiple(of: count), inner / count > padding else { return nil }
        return inner / count - padding
    }
}

extension GridLayout: CustomStringConvertible {
    /// `3x1 with padding 2`.
    public var description: String { "\(columns)x\(rows) with padding \(padding)" }
}
