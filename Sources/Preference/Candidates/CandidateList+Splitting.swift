import Foundation
public import Media

extension CandidateList {
    /// Writes candidates that are regions of files to files of their own, which take their place:
    /// `0007_0.mp4`, `0007_1.mp4` for the cells of `0007.mp4`.
    ///
    /// - Parameters:
    ///   - folder: Made if it is not there. A file that is there already is replaced.
    ///   - isInterrupted: Asked before each file; the rest stays as it is.
    /// - Throws: `PreferenceError.unwritable`; a candidate that cannot be read is a failure of the list.
    public mutating func split(
        into folder: String, copy: MediaCopy, isInterrupted: () -> Bool = { false }
    ) throws {
        do {
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true)
        } catch {
            throw PreferenceError.unwritable(path: folder, reason: error.localizedDescription)
        }
        var names: Set<String> = []
        // Of whole files: the cells of one are all pictures or all videos.
        var types: [String: String] = [:]
        try replaceCandidates { candidate, place in
            let (base, region) = FrameRegion.split(candidate.input)
            guard region != nil, !isInterrupted() else { return candidate }
            let source = InputSource.path(candidate.input)
            let stem = URL(fileURLWithPath: base).deletingPathExtension().lastPathComponent
            let type = try types[base] ?? copy.fileExtension(for: source)
            types[base] = type
            var name = "\(stem)_\(place).\(type)"
            var attempt = 2
            // Grids of one name in several folders.
            while !names.insert(name).inserted {
                name = "\(stem)-\(attempt)_\(place).\(type)"
                attempt += 1
            }
            let path = (folder as NSString).appendingPathComponent(name)
            try copy.write(source, to: path)
            return Candidate(input: path, extras: candidate.extras)
        }
    }
}
