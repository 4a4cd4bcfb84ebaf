import Files
import Glibc
import Synchronization
import TextFormats

/// Expands arguments to inputs: a folder to its media files, a tar archive to its media members, a glob
/// pattern to its matches, anything else to itself.
public enum InputExpander {
    /// Inputs in the order of the arguments. The files of a folder or pattern are sorted by the
    /// bytes of their paths, whatever the locale. An argument without inputs gives one error, at
    /// its position.
    public static func expand(_ arguments: [String]) -> [Result<InputSource, MediaError>] {
        arguments.flatMap(expand)
    }

    /// - Parameter argument: A file, a folder (searched recursively for media files by extension),
    ///   a tar archive (`.tar`, `.tar.gz`, `.tar.zst`, `.tar.xz`) or a member of one (`TarMember`), a glob (`*`, `?`, `[…]`), braces
    ///   (`{000..099}`, `{a,b}`), a numbered sequence (`%05d.png`, one video), a URL or `-`, optionally
    ///   with a region (`FrameRegion`). The name of an existing file is never treated as a pattern. Of a
    ///   folder, archives are read only if it has no other media.
    /// - Returns: Errors, too, for what a folder or pattern names and cannot be read: a folder
    ///   without permission, a name that is not UTF-8, a pipe, a link to nothing.
    public static func expand(_ argument: String) -> [Result<InputSource, MediaError>] {
        files(of: argument).flatMap { file -> [Result<InputSource, MediaError>] in
            guard case .archive(let path, let region) = file else { return [file.input] }
            return members(of: path, region).map { $0.map { .path($0.input) } }
        }
    }

    /// What an argument names before archives are expanded to their members.
    package enum NamedFile {
        case input(InputSource)
        /// A tar archive, and the fragment of the region of all its members, or nothing.
        case archive(path: String, region: String)
        case failure(MediaError)

        fileprivate var input: Result<InputSource, MediaError> {
            switch self {
            case .input(let source): .success(source)
            case .archive(let path, let region): .success(.path(path + region))
            case .failure(let error): .failure(error)
            }
        }
    }

    /// The files that an argument names, as `expand` finds them. Archives are recognized, but not read.
    package static func files(of argument: String) -> [NamedFile] {
        let found: [Result<InputSource, MediaError>]
        do throws(MediaError) {
            found = try inputs(of: argument)
        } catch {
            return [.failure(error)]
        }
        return found.map { result in
            switch result {
            case .success(let source):
                let (path, region) = FrameRegion.split(source.description)
                return TarSamples.isArchive(path)
                    ? .archive(path: path, region: region?.fragment ?? "") : .input(source)
            case .failure(let error): return .failure(error)
            }
        }
    }

    /// The media members of an archive; an archive that cannot be read is one error.
    ///
    /// - Parameter region: The fragment of a region of all members, or nothing.
    package static func members(
        of path: String, _ region: String
    ) -> [Result<TarSamples.Sample, MediaError>] {
        do throws(MediaError) {
            return try TarSamples(archive: path).samples.map { sample in
                if let failure = sample.failure { return .failure(.file(failure)) }
                return .success(
                    TarSamples.Sample(
                        input: sample.input + region, annotations: sample.annotations,
                        failure: nil))
            }
        } catch {
            return [.failure(error)]
        }
    }

    private static func inputs(
        of argument: String
    ) throws(MediaError) -> [Result<InputSource, MediaError>] {
        if argument == "-" { return [.success(.standardInput)] }
        if case (let base, let region?) = FrameRegion.split(argument) {
            return try inputs(of: base).map { result in
                result.map { .path($0.description + region.fragment) }
            }
        }
        let source = InputSource.path(argument)
        if source.scheme != nil { return [.success(source)] }
        if let type = try FileSystem.type(of: argument, failing: MediaError.file) {
            guard type == .folder else {
                if let error = CompressedArchive.refusal(of: argument) { throw .file(error) }
                return [.success(source)]
            }
            let files = mediaFiles(in: argument)
            if files.isEmpty { throw .folderWithoutMedia(input: argument) }
            return files
        }
        if let member = source.member {
            do throws(FileError) { _ = try member.extent() } catch { throw .file(error) }
            return [.success(source)]
        }
        if argument.utf8.contains(where: { "*?[".utf8.contains($0) }) {
            let matches = matches(of: argument)
            if !matches.isEmpty { return matches }
        }
        if let names = try BraceExpansion.names(of: argument) {
            return names.flatMap { name in
                do throws(MediaError) { return try inputs(of: name) } catch {
                    return [.failure(error)]
                }
            }
        }
        if argument.utf8.contains(where: { "*?[".utf8.contains($0) }) {
            throw .nothingMatches(input: argument)
        }
        if let error = FolderEntry.failure(ofPath: argument) { throw .file(error) }
        var status = stat()
        if lstat(argument, &status) == 0 { throw .file(FolderSearch.linkToNothing(argument)) }
        guard let pattern = SequencePattern(argument) else { throw .notFound(input: argument) }
        if try pattern.firstNumber() == nil { throw .nothingMatches(input: argument) }
        return [.success(source)]
    }

    /// Whether a file has the extension of a video or an image.
    public static func hasMediaExtension(_ path: String) -> Bool {
        extensions.contains(PathName.split(PathName.last(of: path)).extension.lowercased())
    }

    private static let extensions: Set<String> = Set(
        """
        mp4 m4v mov qt mkv webm avi gif apng webp png jpg jpeg jpe jfif mpo bmp dib tif tiff \
        jxl avif heic heif hif jp2 \
        mpg mpeg m2v mpv ts m2ts mts vob flv f4v wmv asf ogv ogm 3gp 3g2 y4m nut ivf mxf dv mjpeg mjpg \
        h264 264 h265 265 hevc obu av1 ppm pgm pbm pnm pam qoi exr hdr tga dpx rm rmvb divx wtv
        """.split(separator: " ").map(String.init))

    /// The files of a folder and its subfolders, and errors, by the bytes of their paths. Archives are
    /// of interest only if there is nothing else: beside media they may be copies of them.
    private static func mediaFiles(in folder: String) -> [Result<InputSource, MediaError>] {
        var search = FolderSearch(hasMediaExtension)
        search.collect(folder)
        if search.sorted.isEmpty {
            search = FolderSearch { TarSamples.hasArchiveExtension($0) }
            search.collect(folder)
        }
        return search.sorted
    }

    private static func matches(of pattern: String) -> [Result<InputSource, MediaError>] {
        let (paths, errors) = Glob.matches(of: pattern)
        var search = FolderSearch(hasMediaExtension)
        for error in errors { search.fail(error) }
        for bytes in paths {
            let entry = FolderEntry(bytes: bytes)
            if let failure = entry.failure(in: nil) {
                search.fail(failure)
                continue
            }
            search.addMatch(entry.name)
        }
        return search.sorted
    }
}

/// A recursive search for media files, whose results are sorted at its end.
private struct FolderSearch {
    private var found: [(path: String, inputs: [Result<InputSource, MediaError>])] = []
    private var visited: Set<Identity> = []
    /// Whether a file is looked for, by its name.
    private let isWanted: (String) -> Bool

    init(_ isWanted: @escaping (String) -> Bool) { self.isWanted = isWanted }

    /// A folder's device and inode, to detect cycles of symbolic links.
    private struct Identity: Hashable {
        let device: UInt
        let inode: UInt
    }

    /// The results by the bytes of their paths.
    var sorted: [Result<InputSource, MediaError>] {
        found.sorted { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }.flatMap(\.inputs)
    }

    mutating func add(_ inputs: [Result<InputSource, MediaError>], at path: String) {
        found.append((path, inputs))
    }

    /// Adds what a pattern matches: a folder's media files, or the file itself.
    mutating func addMatch(_ path: String) {
        do throws(FileError) {
            let type = try FileSystem.type(of: path, failing: { $0 })
            if type == .folder {
                add(InputExpander.expand(path), at: path)
            } else {
                add(path, type, of: "pattern")
            }
        } catch {
            fail(error)
        }
    }

    /// Adds a file. A pipe, which would be waited for, is an input only if it is named.
    ///
    /// - Parameter type: Nil for a link to nothing.
    private mutating func add(
        _ path: String, _ type: FileSystem.FileType?, of container: String
    ) {
        switch type {
        case .file?: add([.success(.path(path))], at: path)
        case .socket?: fail(FileError(.read, path, .file("it is a socket")))
        case let type?:
            let reason = "it is \(type.words), not a file of the \(container); name it itself"
            fail(FileError(.read, path, .file(reason)))
        case nil: fail(Self.linkToNothing(path))
        }
    }

    static func linkToNothing(_ path: String) -> FileError {
        FileError(.read, path, .file("it is a symbolic link to nothing"))
    }

    mutating func fail(_ error: FileError) { add([.failure(.file(error))], at: error.path) }

    /// Adds the media files of a folder and its subfolders; hidden files and folders are left out.
    mutating func collect(_ folder: String) {
        var status = stat()
        guard stat(folder, &status) == 0 else { return fail(.last(.read, folder)) }
        let identity = Identity(device: UInt(status.st_dev), inode: UInt(status.st_ino))
        guard visited.insert(identity).inserted else { return }
        do throws(FileError) {
            for entry in try FileSystem.entries(inFolder: folder, failing: { $0 })
            where entry.name.utf8.first != UInt8(ascii: ".") {
                collect(entry, in: folder)
            }
        } catch {
            fail(error)
        }
    }

    private mutating func collect(_ entry: FolderEntry, in folder: String) {
        let path = PathName.join(folder, entry.name)
        let isMedia = isWanted(entry.name)
        if let failure = entry.failure(in: folder) {
            if isMedia || entry.isFolder { fail(failure) }
            return
        }
        do throws(FileError) {
            let type = try FileSystem.type(of: path, failing: { $0 })
            if type == .folder { collect(path) } else if isMedia { add(path, type, of: "folder") }
        } catch {
            fail(error)
        }
    }
}

/// Patterns of the shell.
private enum Glob {
    /// Folders that could not be read; `glob` passes no context to its callback.
    private static let errors = Mutex<[FileError]>([])
    private static let isRunning = Mutex(())

    /// The bytes of the paths that match a pattern, and the folders that could not be searched.
    static func matches(of pattern: String) -> (paths: [[UInt8]], errors: [FileError]) {
        isRunning.withLock { _ in
            var result = glob_t()
            defer { globfree(&result) }
            let code = glob(
                pattern, GLOB_NOSORT,
                { path, code in
                    // A pattern for folders is tried in places that have none.
                    if let path, code != ENOENT, code != ENOTDIR {
                        errno = code
                        let error = FileError.last(.read, String(cString: path))
                        Glob.errors.withLock { $0.append(error) }
                    }
                    return 0
                }, &result)
            let errors = errors.withLock { errors in
                defer { errors = [] }
                return errors
            }
            guard code == 0 else { return ([], errors) }
            let paths = (0..<Int(result.gl_pathc)).compactMap { index in
                result.gl_pathv[index].map { path in
                    Array(UnsafeRawBufferPointer(start: path, count: strlen(path)))
                }
            }
            return (paths, errors)
        }
    }
}
