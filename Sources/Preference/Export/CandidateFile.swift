import Media

/// The file of a candidate, and its region in the file.
struct CandidateFile: Sendable, Hashable {
    /// The candidate's input, as given.
    let input: String
    /// Path without the region.
    let path: String
    /// Nil for whole frames.
    let region: FrameRegion?

    init(_ candidate: Candidate) {
        input = candidate.input
        (path, region) = FrameRegion.split(candidate.input)
    }

    private var name: Substring { path.split(separator: "/").last ?? "" }

    /// File name without folders and extension.
    var stem: Substring {
        guard let dot = name.lastIndex(of: "."), dot > name.startIndex else { return name }
        return name[..<dot]
    }

    /// Lower case, without the dot; empty if there is none.
    var `extension`: String {
        guard let dot = name.lastIndex(of: "."), dot > name.startIndex else { return "" }
        return name[name.index(after: dot)...].lowercased()
    }
}
