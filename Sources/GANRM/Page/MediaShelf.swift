import Foundation
import JSON
import Media

/// The pictures and videos of a page: each file once, however many cells of it are shown.
struct MediaShelf {
    /// Where the page finds an input.
    struct Item {
        /// Its place in `entries`.
        let index: Int
        /// The part of the entry that is shown; nil: all of it.
        var cell: FrameRegion?
        /// One sentence, if there is nothing to show.
        var failure: String?

        /// As scripts read it: `media`, and `cell` as `[x, y, width, height]`.
        var members: [JSONValue.Member] {
            let sides = cell.map {
                [$0.x, $0.y, $0.width, $0.height].map { JSONValue.integer($0) }
            }
            return [.init("media", .integer(index))]
                + (sides.map { [.init("cell", .array($0))] } ?? [])
        }
    }

    /// A file that was looked at.
    private struct File {
        let info: MediaInfo
        /// Nil: browsers do not play it.
        let format: BrowserFormat?
        /// Where it is whole in `entries`, once it is.
        var index: Int?
    }

    /// Why an input cannot be shown.
    private struct Refusal: Error, CustomStringConvertible {
        let description: String
    }

    /// Most bytes inside a page: browsers give up on texts of 512 MB.
    static let mostBytes = 400_000_000
    /// Longest side of a small copy, in pixels.
    static let thumbnailSide = 240

    private let place: PagePlace
    private let media: PageMedia
    private let replacesUnplayable: Bool
    /// `{"kind", "src", "width", "height"}`, or `{"missing"}` with the reason; see `player.js`.
    private(set) var entries: [JSONValue] = []
    private var files: [String: File] = [:]
    private var items: [String: Item] = [:]
    private var embeddedBytes = 0

    /// - Parameter replacesUnplayable: Whether what browsers do not play is shown as a small copy.
    init(_ media: PageMedia, at place: PagePlace, replacesUnplayable: Bool = true) {
        self.media = media
        self.place = place
        self.replacesUnplayable = replacesUnplayable
    }

    /// Finds an input, and if it is new, puts it where the page can get at it.
    ///
    /// - Throws: `GANRMError.unwritable` and `.pageTooLarge`; what is wrong with the input stands in the
    ///   result.
    mutating func item(of input: String) throws(GANRMError) -> Item {
        if let known = items[input] { return known }
        var item: Item
        do {
            item = try newItem(input)
        } catch let error as GANRMError {
            throw error
        } catch {
            item = Item(index: entries.count, failure: "\(error)")
            entries.append(.object([.init("missing", .string("\(error)"))]))
        }
        items[input] = item
        return item
    }

    /// - Throws: `GANRMError` for what ends the run, any other error for what fails the input.
    private mutating func newItem(_ input: String) throws -> Item {
        let (path, cell) = FrameRegion.split(input)
        guard InputSource.path(path).scheme == nil else {
            throw Refusal(
                description: "'\(path)' is an address, and a page asks the network for nothing")
        }
        let file = try self.file(path)
        let (width, height) = (file.info.width, file.info.height)
        if let cell, !cell.fits(width: width, height: height) {
            throw Refusal(
                description: "'\(input)' lies outside of the picture, which is \(width)x\(height)")
        }
        if media != .thumbnail, let format = file.format {
            if let index = file.index { return Item(index: index, cell: cell) }
            let address = try self.address(of: path, as: format)
            files[path]?.index = entries.count
            return add(address, isVideo: format.isVideo, width: width, height: height, cell: cell)
        }
        guard media == .thumbnail || replacesUnplayable else {
            throw Refusal(
                description: """
                    '\(path)' is \(file.info.codecName) in \(file.info.formatName), which browsers do not \
                    play; make it an mp4 of h264
                    """)
        }
        let thumbnail = try Thumbnail(of: .path(input), longestSide: Self.thumbnailSide)
        let isVideo = thumbnail.mediaType.hasPrefix("video/")
        let bytes = Data(thumbnail.bytes)
        let address =
            place.isFolder
            ? try place.put(name(isVideo ? "webm" : "jpg")) { try bytes.write(to: $0) }
            : try embedded(bytes, as: thumbnail.mediaType)
        return add(address, isVideo: isVideo, width: thumbnail.width, height: thumbnail.height)
    }

    private mutating func file(_ path: String) throws -> File {
        if let known = files[path] { return known }
        let info = try MediaReader(.path(path)).info
        let file = File(info: info, format: BrowserFormat(info))
        files[path] = file
        return file
    }

    private mutating func add(
        _ address: String, isVideo: Bool, width: Int, height: Int, cell: FrameRegion? = nil
    ) -> Item {
        entries.append(
            .object([
                .init("kind", .string(isVideo ? "video" : "image")),
                .init("src", .string(address)),
                .init("width", .integer(width)), .init("height", .integer(height)),
            ]))
        return Item(index: entries.count - 1, cell: cell)
    }

    /// Places a whole file.
    private mutating func address(of path: String, as format: BrowserFormat) throws -> String {
        let original = URL(fileURLWithPath: path).standardizedFileURL
        let manager = FileManager.default
        switch media {
        case .reference, .thumbnail:
            return place.address(of: path)
        case .embed:
            return try embedded(try Data(contentsOf: original), as: format.mediaType)
        case .symlink:
            return try place.put(name(format.pathExtension)) {
                try manager.createSymbolicLink(at: $0, withDestinationURL: original)
            }
        case .hardlink:
            return try place.put(name(format.pathExtension)) {
                try manager.linkItem(at: original.resolvingSymlinksInPath(), to: $0)
            }
        case .copy:
            return try place.put(name(format.pathExtension)) {
                try manager.copyItem(at: original.resolvingSymlinksInPath(), to: $0)
            }
        }
    }

    /// The next name in the folder media, which says nothing of the input.
    private func name(_ pathExtension: String) -> String {
        String(format: "%05d.", entries.count + 1) + pathExtension
    }

    private mutating func embedded(
        _ bytes: Data, as mediaType: String
    ) throws(GANRMError) -> String {
        let text = "data:\(mediaType);base64,\(bytes.base64EncodedString())"
        embeddedBytes += text.utf8.count
        guard embeddedBytes <= Self.mostBytes else {
            throw .pageTooLarge(path: place.page.path, bytes: Self.mostBytes)
        }
        return text
    }
}
