import Glibc

/// Expands arguments to inputs: a folder to its media files, a glob pattern to its matches,
/// anything else to itself.
public enum InputExpander {
    /// Inputs in the order of the arguments. The files of a folder or pattern are sorted by the
    /// bytes of their paths, whatever the locale. An argument without inputs gives one error, at
    /// its position.
    public static func expand(_ arguments: [String]) -> [Result<InputSource, MediaError>] {
        arguments.flatMap(expand)
    }

    /// - Parameter argument: A file, a folder (searched recursively for media files by extension),
    ///   a glob (`*`, `?`, `[…]`), a numbered sequence (`%05d.png`, one video), a URL or `-`,
    ///   optionally with a region (`FrameRegion`). The name of an existing file is never treated as
    ///   a pattern.
    public static func expand(_ argument: String) -> [Result<InputSource, MediaError>] {
        if argument == "-" { return [.success(.standardInput)] }
        if case (let base, let region?) = FrameRegion.split(argument) {
            return expand(base).map { result in
                result.map { .path($0.description + region.fragment) }
            }
        }
        let source = InputSource.path(argument)
        if source.scheme != nil { return [.success(source)] }
        switch kind(of: argument) {
        case S_IFDIR:
            let files = mediaFiles(in: argument)
            if files.isEmpty { return [.failure(.folderWithoutMedia(input: argument))] }
            return files.map { .success(.path($0)) }
        case nil where argument.contains(where: { "*?[".contains($0) }):
            let matches = matches(of: argument)
            if matches.isEmpty { return [.failure(.nothingMatches(input: argument))] }
            return matches.flatMap { match -> [Result<InputSource, MediaError>] in
                kind(of: match) == S_IFDIR ? expand(match) : [.success(.path(match))]
            }
        case nil:
            if let pattern = SequencePattern(argument) {
                return pattern.firstNumber() == nil
                    ? [.failure(.nothingMatches(input: argument))] : [.success(source)]
            }
            return [.failure(.notFound(input: argument))]
        default:
            return [.success(source)]
        }
    }

    /// Whether a file has the extension of a video or an image.
    public static func hasMediaExtension(_ path: String) -> Bool {
        let name = path.split(separator: "/").last ?? ""
        guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return false }
        return extensions.contains(name[name.index(after: dot)...].lowercased())
    }

    private static let extensions: Set<String> = Set(
        """
        mp4 m4v mov qt mkv webm avi gif apng webp png jpg jpeg jpe jfif bmp tif tiff jxl avif heic jp2 \
        mpg mpeg m2v mpv ts m2ts mts vob flv f4v wmv asf ogv ogm 3gp 3g2 y4m nut ivf mxf dv mjpeg mjpg \
        h264 264 h265 265 hevc obu av1 ppm pgm pbm pnm pam qoi exr hdr tga dpx rm rmvb divx wtv
        """.split(separator: " ").map(String.init))

    /// The file type bits, symbolic links followed; nil if the file does not exist.
    private static func kind(of path: String) -> mode_t? {
        var status = stat()
        return stat(path, &status) == 0 ? status.st_mode & S_IFMT : nil
    }

    private static func mediaFiles(in folder: String) -> [String] {
        var found: [String] = []
        var visited: Set<Identity> = []
        collect(folder, into: &found, visited: &visited)
        return found.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    /// A folder's device and inode, to detect cycles of symbolic links.
    private struct Identity: Hashable {
        let device: UInt
        let inode: UInt
    }

    private static func collect(
        _ folder: String, into found: inout [String], visited: inout Set<Identity>
    ) {
        var status = stat()
        guard stat(folder, &status) == 0,
            visited.insert(Identity(device: UInt(status.st_dev), inode: UInt(status.st_ino)))
                .inserted
        else { return }
        for name in FolderListing.names(in: folder) where !name.hasPrefix(".") {
            let path = folder.hasSuffix("/") ? folder + name : "\(folder)/\(name)"
            switch kind(of: path) {
            case S_IFDIR: collect(path, into: &found, visited: &visited)
            case S_IFREG where hasMediaExtension(name): found.append(path)
            default: break
            }
        }
    }

    private static func matches(of pattern: String) -> [String] {
        var result = glob_t()
        defer { globfree(&result) }
        guard glob(pattern, GLOB_NOSORT, nil, &result) == 0 else { return [] }
        return (0..<Int(result.gl_pathc))
            .compactMap { result.gl_pathv[$0].map { String(cString: $0) } }
            .sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }
}
