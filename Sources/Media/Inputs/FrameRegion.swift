import Glibc

/// A rectangular region of every frame of an input, written as a W3C media fragment:
/// `grid.mp4#xywh=514,2,512,320`.
///
/// The fragment is accepted wherever an input is, so that a cell of a grid is an input like any
/// other. An existing file whose name ends in such a fragment is read whole.
///
/// Source: W3C Media Fragments URI 1.0, section 4.2.2, pixels only.
public struct FrameRegion: Sendable, Hashable {
    /// Upper left corner in pixels of the upright frame, from 0.
    public var x: Int
    public var y: Int
    /// Size in pixels, at least 1.
    public var width: Int
    public var height: Int

    public init(x: Int, y: Int, width: Int, height: Int) {
        precondition(x >= 0 && y >= 0 && width > 0 && height > 0)
        self.x = x
        self.y = y
        self.width = width
        self.height = height
    }

    /// The fragment that is appended to the path or URL of an input.
    public var fragment: String { "\(Self.mark)\(x),\(y),\(width),\(height)" }

    private static let mark = "#xywh="

    /// Splits a path or URL into its base and its region.
    ///
    /// - Returns: The unchanged text and no region if it has no fragment or names an existing file.
    public static func split(_ input: String) -> (base: String, region: FrameRegion?) {
        guard input.utf8.contains(UInt8(ascii: "#")),
            let mark = input.ranges(of: Self.mark).last
        else { return (input, nil) }
        var numbers = input[mark.upperBound...]
        if numbers.hasPrefix("pixel:") { numbers.removeFirst("pixel:".count) }
        let values = numbers.split(separator: ",", omittingEmptySubsequences: false).map { text in
            // At most nine digits, so that sums cannot overflow.
            text.utf8.count <= 9 && text.utf8.allSatisfy { (0x30...0x39).contains($0) }
                ? Int(text) : nil
        }.compactMap(\.self)
        guard values.count == 4, numbers.count(where: { $0 == "," }) == 3, values[2] > 0,
            values[3] > 0, access(input, F_OK) != 0
        else { return (input, nil) }
        return (
            String(input[..<mark.lowerBound]),
            FrameRegion(x: values[0], y: values[1], width: values[2], height: values[3])
        )
    }

    /// Whether the region lies within a frame of this size.
    package func fits(width: Int, height: Int) -> Bool {
        x + self.width <= width && y + self.height <= height
    }

    /// FFmpeg filters that crop upright frames to the region.
    ///
    /// With subsampled chroma, as in `yuv420p`, only even offsets and sizes can be cropped
    /// directly; other regions are cropped from RGB.
    var filters: String {
        let isEven = [x, y, width, height].allSatisfy { $0.isMultiple(of: 2) }
        return (isEven ? "" : "format=rgb24,") + "crop=\(width):\(height):\(x):\(y)"
    }
}

extension InputSource {
    /// The source without its region fragment, if it has one, and options that crop to the region.
    package func resolved(_ options: MediaOptions) -> (source: InputSource, options: MediaOptions) {
        guard case .path(let path) = self else { return (self, options) }
        let (base, region) = FrameRegion.split(path)
        guard let region else { return (self, options) }
        var options = options
        options.filtering = FrameFiltering([.region(region)]) + options.filtering
        return (.path(base), options)
    }
}
