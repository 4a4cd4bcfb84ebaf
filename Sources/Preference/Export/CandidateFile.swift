import Files
import Media
import TextFormats

/// The file of a candidate, and its region in the file.
struct CandidateFile: Sendable {
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

    /// Whether the file is a member of a tar archive, which has no path of its own.
    var isMember: Bool { TarMember(path) != nil }

    /// File name without folders and extension.
    var stem: String { PathName.stem(of: path) }

    /// Lower case, without the dot; empty if there is none.
    var `extension`: String { PathName.split(PathName.last(of: path)).extension.lowercased() }
}

/// Files are equal if the bytes of their inputs are.
extension CandidateFile: Hashable {
    static func == (left: CandidateFile, right: CandidateFile) -> Bool {
        left.input.hasSameBytes(as: right.input)
    }

    func hash(into hasher: inout Hasher) { hasher.combine(ByteString(input)) }
}
