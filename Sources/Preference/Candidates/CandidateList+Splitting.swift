import Files
public import Media
import TextFormats

extension CandidateList {
    /// Writes candidates that are regions of files to separate files, which replace them in the list:
    /// `0007_0.mp4`, `0007_1.mp4` for the cells of `0007.mp4`.
    ///
    /// - Parameters:
    ///   - folder: Created if missing. Existing files are overwritten.
    ///   - isInterrupted: Checked before each file; the remaining candidates are left unchanged.
    /// - Throws: `FileError` if another process writes to the folder; `PreferenceError.file`, and `MediaError.file` for a file that cannot be written; a
    ///   candidate that cannot be read is added to the list's failures.
    public mutating func split(
        into folder: String, copy: MediaCopy, isInterrupted: () -> Bool = { false }
    ) throws {
        let lock = try OutputLock(output: folder, createsFolder: true)
        defer { withExtendedLifetime(lock) {} }
        try FileSystem.makeFolder(folder, failing: PreferenceError.file)
        var names: Set<ByteString> = []
        // By source file: its cells are either all images or all videos.
        var types: [ByteString: String] = [:]
        try replaceCandidates { candidate, index in
            let (base, region) = FrameRegion.split(candidate.input)
            guard region != nil, !isInterrupted() else { return candidate }
            let source = InputSource.path(candidate.input)
            let stem = PathName.stem(of: base)
            let type = try types[base] ?? copy.fileExtension(for: source)
            types[base] = type
            var name = "\(stem)_\(index).\(type)"
            var attempt = 2
            // Grids in different folders may have the same name.
            while !names.insert(name) {
                name = "\(stem)-\(attempt)_\(index).\(type)"
                attempt += 1
            }
            let path = PathName.join(folder, name)
            try copy.write(source, to: path)
            return Candidate(input: path, extras: candidate.extras)
        }
    }
}
