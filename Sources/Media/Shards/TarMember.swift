package import Files
import Glibc

/// A member of a tar archive as an input, written as a fragment: `shard-000.tar#member=0007.mp4`.
///
/// The fragment is accepted wherever an input is, and may be followed by a region (`FrameRegion`). An
/// existing file whose name has such a fragment is read whole.
package struct TarMember: Sendable, Hashable {
    /// Path of the archive.
    package let archive: String
    /// Name of the member, as the archive has it.
    package let name: String

    private static let mark = "#member="

    /// - Parameter path: A path without a region.
    /// - Returns: Nil if the path has no fragment of a member, or names an existing file.
    package init?(_ path: String) {
        guard path.utf8.contains(UInt8(ascii: "#")), let mark = path.firstRange(of: Self.mark),
            mark.upperBound < path.endIndex, access(path, F_OK) != 0
        else { return nil }
        archive = String(path[..<mark.lowerBound])
        name = String(path[mark.upperBound...])
    }

    /// The input that is a member of an archive.
    static func input(_ archive: String, _ name: String) -> String { archive + mark + name }

    /// Where the member's bytes are.
    ///
    /// - Throws: `FileError` for an archive that cannot be read, and a member that is not there or has
    ///   no bytes of its own.
    package func extent() throws(FileError) -> FileExtent {
        let open = try TarArchive.open(archive)
        let input = Self.input(archive, name)
        guard let member = open.index[name] else {
            let reason = open.index.problem.map { "; \($0)" } ?? ""
            throw FileError(.read, input, .file("the archive has no such member\(reason)"))
        }
        if let refusal = member.refusal { throw FileError(.read, input, .file(refusal)) }
        return open.extent(of: member)
    }
}

/// Names of inputs.
extension TarMember {
    /// The path of an input that its name is taken from: that in its archive if it is a member of one,
    /// else the input itself.
    package static func innerPath(of input: String) -> String {
        TarMember(FrameRegion.split(input).base) == nil
            ? input : input.firstRange(of: mark).map { String(input[$0.upperBound...]) } ?? input
    }

    /// The file that has an input's bytes: its path without region and member.
    package static func file(of input: String) -> String {
        let base = FrameRegion.split(input).base
        return TarMember(base)?.archive ?? base
    }
}
