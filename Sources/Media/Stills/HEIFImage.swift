import CFFmpeg
import Frames

/// The primary image of a HEIF file (HEIC, AVIF): one coded image or a grid of them.
///
/// FFmpeg 5.1 reads AVIF files with a single coded image only, and ignores their orientation.
///
/// Source: ISO/IEC 23008-12, sections 6.5 (properties) and 6.6.2.3 (grid); AV1 Image File Format.
struct HEIFImage {
    /// A coded image.
    struct Tile {
        let codec: AVCodecID
        /// The decoder's configuration: `av1C` or `hvcC`.
        let configuration: [UInt8]
        let data: [UInt8]
    }

    /// Colors as ITU-T H.273 numbers them; nil leaves them to the coded image.
    struct Colors {
        let matrix: Int
        let isFullRange: Bool
    }

    /// Coded images, row by row.
    let tiles: [Tile]
    let columns: Int
    /// Size in pixels before cropping and orientation; nil if it is that of the one coded image.
    let size: (width: Int, height: Int)?
    let colors: Colors?
    /// The part that is shown, in pixels; nil for all.
    let crop: (left: Int, top: Int, width: Int, height: Int)?

    private static let brands: Set<String> = [
        "avif", "heic", "heix", "heim", "heis", "mif1", "mif2", "miaf", "MA1A", "MA1B",
        // Of codecs that are not read.
        "jpeg", "avci", "j2ki", "vvic", "evbi", "unif",
    ]

    static func isHEIF(_ head: ArraySlice<UInt8>) -> Bool {
        guard head.has("ftyp", at: 4), let brand = head.part(4, at: 8) else { return false }
        return brands.contains(String(decoding: brand, as: UTF8.self))
    }

    /// - Throws: `MediaError.damaged`; `.unsupportedVariant` for images that are not read: overlays,
    ///   encrypted ones and other codecs.
    static func image(_ file: ArraySlice<UInt8>, _ input: String) throws(MediaError) -> StillImage?
    {
        var boxes = HEIFBoxes(file)
        var meta: HEIFBoxes.Box?
        while let box = boxes.next() {
            if box.type == "meta", meta == nil { meta = box }
        }
        do throws(HEIFItems.Failure) {
            guard let meta else { throw .malformed("it has no table of images") }
            let items = try HEIFItems(meta, file: file)
            guard let primary = items.primary else { throw .malformed("it names no primary image") }
            var image = try Self.image(primary, of: items)
            // With all of its data there, the image is whole, whatever is wrong behind it.
            if boxes.isCutOff && items.haveOpenEnds { image.truncation = "its end is missing" }
            return image
        } catch {
            switch error {
            case .malformed(let reason):
                throw .damaged(
                    input: input, framesRead: 0,
                    reason: boxes.isCutOff ? "its end is missing, \(reason)" : reason)
            case .unsupported(let variant):
                throw .unsupportedVariant(input: input, format: "HEIF", variant: variant)
            }
        }
    }

    private static let knownProperties: Set<String> = [
        "ispe", "pixi", "colr", "pasp", "clli", "mdcv", "cclv", "amve", "irot", "imir", "clap",
        "av1C",
        "hvcC", "a1op", "lsel", "a1lx", "auxC", "rloc",
    ]

    private static func image(_ id: Int, of items: HEIFItems) throws(HEIFItems.Failure)
        -> StillImage
    {
        let properties = try items.properties(of: id, known: knownProperties)
        var colors = colors(in: properties)
        let tiles: [Tile]
        var columns = 1
        var size: (width: Int, height: Int)?
        if items.items[id]?.type == "grid" {
            let grid = try Grid(items.data(of: id))
            let inputs = items.inputs[id] ?? []
            guard inputs.count == grid.rows * grid.columns else {
                throw .malformed(
                    "its grid of \(grid.columns)×\(grid.rows) images has \(inputs.count)")
            }
            guard inputs.count <= tileLimit else {
                throw .unsupported("a grid of more than \(tileLimit) images")
            }
            var read: [Tile] = []
            for input in inputs {
                let own = try items.properties(of: input, known: knownProperties)
                colors = colors ?? Self.colors(in: own)
                read.append(try tile(input, of: items, own))
            }
            tiles = read
            columns = grid.columns
            size = (grid.width, grid.height)
        } else {
            tiles = [try tile(id, of: items, properties)]
        }
        let extent =
            size
            ?? properties.first { $0.type == "ispe" }.flatMap { box in
                box.body.integer(4, at: 0).flatMap { width in
                    box.body.integer(4, at: 4).map { (width, $0) }
                }
            }
        var orientation = Orientation.upright
        var crop: (left: Int, top: Int, width: Int, height: Int)?
        for property in properties {
            switch property.type {
            case "irot":
                // Quarter turns, counter-clockwise.
                let turns = (property.content.integer(1, at: 0) ?? 0) & 3
                orientation = orientation.followed(
                    by: Orientation(exifValue: [1, 8, 3, 6][turns]))
            case "imir":
                let swapsColumns = (property.content.integer(1, at: 0) ?? 0) & 1 == 1
                orientation = orientation.followed(by: Orientation(exifValue: swapsColumns ? 2 : 4))
            case "clap":
                guard orientation == .upright, crop == nil, let extent else {
                    throw .unsupported("an image that is cropped after its rotation")
                }
                crop = try cleanAperture(property.content, of: extent)
            default: break
            }
        }
        let image = HEIFImage(
            tiles: tiles, columns: columns, size: size, colors: colors, crop: crop)
        return StillImage(
            pixels: .heif(image), formatName: "mov,mp4,m4a,3gp,3g2,mj2", orientation: orientation)
    }

    private static let tileLimit = 4096

    private static func tile(
        _ id: Int, of items: HEIFItems, _ properties: [HEIFBoxes.Box]
    ) throws(HEIFItems.Failure) -> Tile {
        let codec: AVCodecID
        let name: String
        switch items.items[id]?.type {
        case "av01": (codec, name) = (AV_CODEC_ID_AV1, "av1C")
        case "hvc1", "hev1": (codec, name) = (AV_CODEC_ID_HEVC, "hvcC")
        case "iovl": throw .unsupported("an overlay of images")
        case let type?: throw .unsupported("an image of the kind '\(type)'")
        case nil: throw .malformed("an image is missing")
        }
        guard let configuration = properties.first(where: { $0.type == name }) else {
            throw .malformed("an image has no '\(name)'")
        }
        if let box = properties.first(where: { $0.type == "a1op" }), box.content.first != 0 {
            throw .unsupported("an image with several operating points")
        }
        return Tile(
            codec: codec, configuration: Array(configuration.content), data: try items.data(of: id))
    }

    private static func colors(in properties: [HEIFBoxes.Box]) -> Colors? {
        for property in properties where property.type == "colr" && property.content.has("nclx") {
            if let matrix = property.content.integer(2, at: 8),
                let range = property.content.integer(1, at: 10)
            {
                return Colors(matrix: matrix, isFullRange: range & 0x80 != 0)
            }
        }
        return nil
    }

    /// The crop rectangle of a `clap` box: width, height and the offsets of their centers, as
    /// fractions.
    private static func cleanAperture(
        _ content: ArraySlice<UInt8>, of size: (width: Int, height: Int)
    ) throws(HEIFItems.Failure) -> (left: Int, top: Int, width: Int, height: Int) {
        var fields = HEIFFields(content)
        var values: [Int] = []
        for _ in 0..<8 { values.append(Int(Int32(truncatingIfNeeded: try fields.next(4)))) }
        /// The first pixel and the number of pixels; nil if they are no whole pixels of the image.
        func span(_ length: Int, _ extent: (Int, Int), _ offset: (Int, Int)) -> (Int, Int)? {
            guard extent.1 > 0, offset.1 > 0, extent.0 > 0, extent.0 % extent.1 == 0 else {
                return nil
            }
            let count = extent.0 / extent.1
            // (length − count) / 2 + offset, over 2 · offset.1
            let numerator = (length - count) * offset.1 + 2 * offset.0
            guard count <= length, numerator >= 0, numerator % (2 * offset.1) == 0 else {
                return nil
            }
            let first = numerator / (2 * offset.1)
            return first <= length - count ? (first, count) : nil
        }
        guard let (left, width) = span(size.width, (values[0], values[1]), (values[4], values[5])),
            let (top, height) = span(size.height, (values[2], values[3]), (values[6], values[7]))
        else { throw .unsupported("an image that is cropped between pixels") }
        return (left, top, width, height)
    }

    /// The description of a derived image of the kind `grid`.
    private struct Grid {
        let rows: Int
        let columns: Int
        let width: Int
        let height: Int

        init(_ data: [UInt8]) throws(HEIFItems.Failure) {
            var fields = HEIFFields(data[...])
            guard try fields.next(1) == 0 else {
                throw .unsupported("a grid of an unknown version")
            }
            let size = try fields.next(1) & 1 == 0 ? 2 : 4
            rows = try fields.next(1) + 1
            columns = try fields.next(1) + 1
            width = try fields.next(size)
            height = try fields.next(size)
            guard width > 0, height > 0 else { throw .malformed("its grid has no size") }
        }
    }
}
