import Files
import Foundation
import Frames
import Media
import Pipeline
import TextFormats

/// The images and videos of a page. A file is added once, even if several of its cells are shown.
struct PageAssets {
    /// A reference from an input to the page's media.
    struct Item {
        /// Index in `entries`.
        let index: Int
        /// The region of the entry to show; nil shows all of it.
        var cell: FrameRegion?
        /// Why the input cannot be shown; nil if it can.
        var failure: MissingMedia.Failure?

        /// JSON members for the page's script: `media`, and `cell` as `[x, y, width, height]`.
        var members: [JSONValue.Member] {
            let region = cell.map {
                [$0.x, $0.y, $0.width, $0.height].map { JSONValue.integer($0) }
            }
            return [.init("media", .integer(index))]
                + (region.map { [.init("cell", .array($0))] } ?? [])
        }
    }

    /// A probed file.
    private struct File {
        let info: MediaInfo
        /// Nil if some browser cannot display the file.
        let format: BrowserFormat?
        /// The first frame of a video; nil for an image and if it cannot be encoded.
        let poster: Poster?
        /// Index of the whole file in `entries`; nil until it is added.
        var index: Int?
    }

    /// The reason why an input cannot be shown.
    private struct DisplayError: Error, CustomStringConvertible {
        let description: String
    }

    /// The most bytes embedded in a page. Browsers fail to load strings of 512 MB.
    static let maximumBytes = 400_000_000
    /// The longest side of a thumbnail, in pixels.
    static let thumbnailSide = 240

    private let location: PageLocation
    private let media: PageMediaMode
    private let folders: MediaFolders
    private let replacesUnplayable: Bool
    /// Media objects for `player.js`: `{"kind", "src", "width", "height"}`, for a video also
    /// `"poster"`, or `{"missing"}` with the reason.
    private(set) var entries: [JSONValue] = []
    private var files: [ByteString: File] = [:]
    private var items: [ByteString: Item] = [:]
    private var embeddedBytes = 0

    /// - Parameters:
    ///   - location: The page's location, which decides paths and the media folder.
    ///   - folders: The folders in which inputs are looked for.
    ///   - replacesUnplayable: Whether files that browsers cannot display are replaced by
    ///     thumbnails.
    init(
        _ media: PageMediaMode, at location: PageLocation, in folders: MediaFolders,
        replacesUnplayable: Bool = true
    ) {
        self.media = media
        self.folders = folders
        self.location = location
        self.replacesUnplayable = replacesUnplayable
    }

    /// Returns the item of an input; a new input is linked, copied or embedded first.
    ///
    /// - Throws: `PagesError.file` and `.pageTooLarge`. A failure of the input itself is
    ///   returned as `Item.failure`.
    mutating func item(of input: String) throws(PagesError) -> Item {
        if let known = items[input] { return known }
        var item: Item
        let located = folders.located(input)
        do {
            item = try newItem(located)
        } catch let error as PagesError {
            throw error
        } catch {
            let path = FrameRegion.split(located).base
            item = Item(
                index: entries.count,
                failure: MissingMedia.Failure(input, path: path, reason: "\(error)"))
            entries.append(["missing": "\(error)"])
        }
        items[input] = item
        return item
    }

    /// - Throws: `PagesError` if the page cannot be written, any other error if the input cannot be
    ///   shown.
    private mutating func newItem(_ input: String) throws -> Item {
        let (path, cell) = FrameRegion.split(input)
        guard InputSource.path(path).scheme == nil else {
            throw DisplayError(
                description: "'\(path)' is a URL, and a page asks the network for nothing")
        }
        var file = try self.file(path)
        let (width, height) = (file.info.width, file.info.height)
        if let cell, !cell.fits(width: width, height: height) {
            throw DisplayError(
                description: "'\(input)' lies outside of the image, which is \(width)x\(height)")
        }
        // A member of an archive has no path that a browser could open, or a link point to.
        let needsCopy = TarMember(path) != nil && ![.copy, .embed].contains(media)
        if media != .thumbnail, !needsCopy, let format = file.format {
            if let index = file.index { return Item(index: index, cell: cell) }
            let url = try self.url(of: path, as: format)
            file.index = entries.count
            files[path] = file
            return add(
                url, poster: try file.poster.map { try self.url(of: $0) },
                isVideo: format.isVideo, width: width, height: height, cell: cell)
        }
        guard media == .thumbnail || replacesUnplayable else {
            if needsCopy {
                throw DisplayError(
                    description:
                        "'\(path)' is a member of a tar archive, to which nothing can be linked; have it copied or embedded"
                )
            }
            throw DisplayError(
                description: """
                    '\(path)' is \(file.info.codecName) in \(file.info.formatName), which browsers do not \
                    play; make it an mp4 of h264
                    """)
        }
        let thumbnail = try Thumbnail(of: .path(input), longestSide: Self.thumbnailSide)
        let isVideo = thumbnail.mediaType.hasPrefix("video/")
        let bytes = Data(thumbnail.bytes)
        let url =
            location.isFolder
            ? try location.put(name(isVideo ? "webm" : "jpg")) { try bytes.write(to: $0) }
            : try embedded(bytes, as: thumbnail.mediaType)
        return add(
            url, poster: try thumbnail.poster.map { try self.url(of: $0) }, isVideo: isVideo,
            width: thumbnail.width, height: thumbnail.height)
    }

    private mutating func file(_ path: String) throws -> File {
        if let known = files[path] { return known }
        let reader = try MediaReader(.path(path))
        let info = reader.info
        let format = BrowserFormat(info)
        // Pages show other files as thumbnails, which have posters of their own.
        let needsPoster = info.kind == .video && format?.isVideo == true && media != .thumbnail
        let file = File(
            info: info, format: format, poster: needsPoster ? try? Poster(of: reader) : nil)
        files[path] = file
        return file
    }

    private mutating func add(
        _ url: String, poster: String?, isVideo: Bool, width: Int, height: Int,
        cell: FrameRegion? = nil
    ) -> Item {
        var members: [JSONValue.Member] = [
            .init("kind", .string(isVideo ? "video" : "image")), .init("src", .string(url)),
            .init("width", .integer(width)), .init("height", .integer(height)),
        ]
        if let poster { members.append(.init("poster", .string(poster))) }
        entries.append(.object(members))
        return Item(index: entries.count - 1, cell: cell)
    }

    /// Makes a poster available to the page and returns its URL.
    private mutating func url(of poster: Poster) throws -> String {
        let bytes = Data(poster.bytes)
        return location.isFolder
            ? try location.put(name("jpg")) { try bytes.write(to: $0) }
            : try embedded(bytes, as: "image/jpeg")
    }

    /// Makes a whole file available to the page and returns its URL.
    private mutating func url(of path: String, as format: BrowserFormat) throws -> String {
        let original = URL(fileURLWithPath: path).standardizedFileURL
        let member = TarMember(path)
        let manager = FileManager.default
        switch media {
        case .reference, .thumbnail:
            return location.url(of: path)
        case .embed:
            let bytes =
                try member.map { Data(try $0.bytes()) }
                ?? WholeFile.data(original.path, failing: { $0 })
            return try embedded(bytes, as: format.mediaType)
        case .symlink:
            return try location.put(name(format.pathExtension)) {
                try manager.createSymbolicLink(at: $0, withDestinationURL: original)
            }
        case .hardlink:
            return try location.put(name(format.pathExtension)) {
                try manager.linkItem(at: original.resolvingSymlinksInPath(), to: $0)
            }
        case .copy:
            return try location.put(name(format.pathExtension)) {
                if let member {
                    try member.copy(to: $0.path)
                } else {
                    try manager.copyItem(at: original.resolvingSymlinksInPath(), to: $0)
                }
            }
        }
    }

    /// The next file name in the media folder: a serial number, which does not reveal the input's
    /// name.
    private func name(_ pathExtension: String) -> String {
        String(format: "%05d.", entries.count + 1) + pathExtension
    }

    private mutating func embedded(
        _ bytes: Data, as mediaType: String
    ) throws(PagesError) -> String {
        let text = "data:\(mediaType);base64,\(bytes.base64EncodedString())"
        embeddedBytes += text.utf8.count
        guard embeddedBytes <= Self.maximumBytes else {
            throw .pageTooLarge(path: location.page.path, bytes: Self.maximumBytes)
        }
        return text
    }
}
