import Files
import Media
import TextFormats

/// The file of a candidate, and its region in the file. The file may be a member of a tar archive.
struct CandidateFile: Sendable {
    /// The candidate's input, as given.
    let input: String
    /// Path without the region.
    let path: String
    /// Nil for whole frames.
    let region: FrameRegion?
    /// The member of an archive that the path names; nil for a file of its own.
    let member: TarMember?

    init(_ candidate: Candidate) {
        input = candidate.input
        (path, region) = FrameRegion.split(candidate.input)
        member = TarMember(path)
    }

    /// Whether the candidate is no whole file, so that a data set needs a file of its own for it.
    var isPart: Bool { region != nil || member != nil }

    /// File name without folders and extension.
    var stem: String { PathName.stem(of: name) }

    /// Lower case, without the dot; empty if there is none.
    var `extension`: String { PathName.split(PathName.last(of: name)).extension.lowercased() }

    private var name: String { member?.name ?? path }
}

/// Files are equal if the bytes of their inputs are.
extension CandidateFile: Hashable {
    static func == (left: CandidateFile, right: CandidateFile) -> Bool {
        left.input.hasSameBytes(as: right.input)
    }

    func hash(into hasher: inout Hasher) { hasher.combine(ByteString(input)) }
}
