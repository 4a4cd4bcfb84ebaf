import CFFmpeg
import Files
import Glibc

/// Reads still images, and animations that FFmpeg has no demuxer for, from files and streams.
///
/// The format is recognised by the first bytes, and the structure of the whole file determines what
/// belongs to the image, its orientation and whether something is missing.
struct StillFile {
    let source: InputSource
    let options: MediaOptions

    /// libav's packets have at most 2³¹ − 1 bytes.
    private static let largestFile = 1 << 30
    /// Bytes of a stream that are kept in memory to look for the end of an image.
    private static let largestStream = 1 << 28

    /// The frames of the source.
    ///
    /// - Parameter stream: The open bytes of a source that can be read only once, at their start. They
    ///   are at their start again afterwards.
    /// - Returns: Nil if FFmpeg's demuxers read the source: a video, several images in a row, or a
    ///   format that the user named.
    func frames(_ stream: ByteStream?) throws(MediaError) -> (any DecodedSource)? {
        guard options.format == nil else { return nil }
        if let problem = options.problem {
            throw .invalidOption(input: source.description, reason: problem)
        }
        let found: StillImage?
        if let stream {
            found = try image(in: stream)
        } else if source.isRegularFile {
            found = try imageInFile()
        } else {
            found = nil
        }
        guard let image = found else { return nil }
        LibavLog.install()
        LibavLog.clear()
        let input = source.description
        if case .animation(let animation) = image.pixels {
            return try WebPFrames(animation, image, input: input, options: options)
        }
        return StillFrames(image, input: input, options: options)
    }

    /// The extension of the file's name, or of the path of a URL, in lower case.
    private var pathExtension: String {
        if source == .standardInput { return "" }
        let name =
            source.isURL
            ? String(source.description.prefix { $0 != "?" && $0 != "#" }) : source.formatName
        return PathName.split(PathName.last(of: name)).extension.lowercased()
    }

    private func imageInFile() throws(MediaError) -> StillImage? {
        // The demuxers report what is wrong.
        guard let file = try? openFile() else { return nil }
        let head = try read(StillFormat.headLength, of: file)
        guard let format = StillFormat.of(head: head[...], pathExtension: pathExtension),
            file.byteCount <= Self.largestFile
        else { return nil }
        return try alone(
            format.read(read(file.byteCount, of: file)[...], source.description))
    }

    private func read(_ count: Int, of file: FilePart) throws(MediaError) -> [UInt8] {
        do throws(FileError) {
            return try file.bytes(at: 0, count: count)
        } catch {
            throw .file(error)
        }
    }

    private func openFile() throws(FileError) -> FilePart {
        if let extent = try source.extent() {
            return try FilePart(extent, name: source.description)
        }
        return try FilePart(path: source.filePath ?? "", name: source.description)
    }

    /// The image of a stream. A stream of images may have no end: it is read only until a second
    /// image is seen.
    private func image(in stream: ByteStream) throws(MediaError) -> StillImage? {
        var bytes: [UInt8] = []
        var position = stream.read(StillFormat.headLength, into: &bytes)
        guard let format = StillFormat.of(head: bytes[...], pathExtension: pathExtension) else {
            try stream.replay(bytes)
            return nil
        }
        while position == .more, bytes.count <= Self.largestStream {
            do throws(MediaError) {
                // The beginning of a file need not be valid.
                let image = try format.read(bytes[...], source.description)
                if let image, alone(image) == nil { break }
            } catch {}
            position = stream.read(max(1 << 14, bytes.count / 4), into: &bytes)
        }
        let image =
            position == .end ? try alone(format.read(bytes[...], source.description)) : nil
        if image == nil { try stream.replay(bytes) }
        return image
    }

    /// The image, if it is the only one of its file.
    private func alone(_ image: StillImage?) -> StillImage? {
        guard let image, image.mayBeFollowed, !StillFormat.isExtensionOfStill(pathExtension) else {
            return image
        }
        return nil
    }
}
