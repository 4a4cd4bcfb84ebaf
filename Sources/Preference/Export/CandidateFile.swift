import Media

/// Where a candidate's bytes are.
struct CandidateFile: Sendable, Hashable {
    /// As it was given.
    let input: String
    /// Without the region.
    let path: String
    /// Nil: whole frames.
    let region: FrameRegion?

    init(_ candidate: Candidate) {
        input = candidate.input
        (path, region) = FrameRegion.split(candidate.input)
    }

    private var name: Substring { path.split(separator: "/").last ?? "" }

    /// The name without folders and extension.
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
