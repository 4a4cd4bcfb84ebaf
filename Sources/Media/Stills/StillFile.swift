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
        } else if source.isRegularFile, let path = source.filePath {
            found = try image(inFile: path)
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
        guard case .path(let path) = source else { return "" }
        let file = source.isURL ? String(path.prefix { $0 != "?" && $0 != "#" }) : source.filePath
        return PathName.split(PathName.last(of: file ?? "")).extension.lowercased()
    }

    private func image(inFile path: String) throws(MediaError) -> StillImage? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        // The demuxers report what is wrong.
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        let head = try read(StillFormat.headLength, from: descriptor)
        guard let format = StillFormat.of(head: head[...], pathExtension: pathExtension) else {
            return nil
        }
        var status = stat()
        guard fstat(descriptor, &status) == 0, lseek(descriptor, 0, SEEK_SET) == 0 else {
            throw .file(.last(.read, source.description))
        }
        guard status.st_size <= Self.largestFile else { return nil }
        return try alone(
            format.read(read(Int(status.st_size), from: descriptor)[...], source.description))
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

    /// At most `count` bytes of a file; fewer at its end.
    private func read(_ count: Int, from descriptor: Int32) throws(MediaError) -> [UInt8] {
        var failed = false
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            while filled < count {
                let step = Glibc.read(descriptor, buffer.baseAddress! + filled, count - filled)
                if step < 0 && errno == EINTR { continue }
                failed = step < 0
                if step <= 0 { break }
                filled += step
            }
        }
        if failed { throw .file(.last(.read, source.description)) }
        return bytes
    }
}
