/// How several pictures of one size stand in a frame.
///
/// Source: torchvision, `torchvision/utils.py`, `make_grid(nrow=columns, padding=2, pad_value=0)`: cells
/// from left to right, then down, padding around and between them. VideoCrafter writes the samples of a
/// prompt so (`scripts/evaluation/funcs.py`, `save_videos`).
public struct GridLayout: Sendable, Hashable {
    /// Cells beside each other, at least 1.
    public var columns: Int
    /// Cells above each other, at least 1.
    public var rows: Int
    /// Pixels around and between the cells, at least 0.
    public var padding: Int

    /// What torchvision puts around cells.
    public static let usualPadding = 2

    public init(columns: Int, rows: Int = 1, padding: Int = Self.usualPadding) {
        precondition(columns > 0 && rows > 0 && padding >= 0)
        self.columns = columns
        self.rows = rows
        self.padding = padding
    }

    public var count: Int { columns * rows }

    /// The cells of a frame, in the order of the pictures.
    ///
    /// - Returns: Nil if the frame does not divide into cells of one size.
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

    /// The side of a cell, at least 1 pixel; nil if cells would not have one size.
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
