package import Files
import TextFormats

/// The members of a tar archive and where their bytes are, from its headers alone.
///
/// Reads ustar, pax and GNU's format. No member is unpacked, and no name in an archive becomes a path.
/// Every number of a header is checked against the length of the file.
package final class TarIndex: Sendable {
    /// A regular file of the archive.
    package struct Member: Sendable {
        /// With replacement characters if it is not UTF-8.
        package let name: String
        /// Offset of its bytes in the archive.
        package let offset: Int
        package let byteCount: Int
        /// Why it cannot be read, as a clause; nil if it can.
        package let refusal: String?

        package var range: Range<Int> { offset..<offset + byteCount }
    }

    /// In the order of the archive. Of several members of one name the last one counts, as if the
    /// archive were unpacked; the others are not listed.
    package let members: [Member]
    /// Why the members are not all, as a clause; nil if they are.
    package let problem: String?
    private let indices: [ByteString: Int]

    /// Most members of an archive; each takes some 200 bytes of memory.
    private static let memberLimit = 10_000_000

    /// Reads the headers of an open archive.
    ///
    /// - Parameter known: Why the file is not whole, as a clause.
    /// - Throws: `FileError` for a file whose first block is no header.
    package init(_ file: FilePart, problem known: String? = nil) throws(FileError) {
        var reader = TarReader(file)
        var found: [Member] = []
        var problem = known
        do throws(TarHeader.Damage) {
            while let member = try reader.next() {
                found.append(member)
                if found.count > Self.memberLimit {
                    throw .init(reason: "it has more than \(Self.memberLimit) members")
                }
            }
            if reader.isCutOff, known == nil {
                problem = "it ends inside '\(found.last?.name ?? "")'; write or fetch it again"
            }
        } catch {
            guard reader.position > 0 else {
                throw FileError(
                    .read, file.path, .file(known ?? "it is no tar archive: \(error.reason)"))
            }
            problem = known ?? "it is damaged at byte \(reader.position): \(error.reason)"
        }
        self.problem = problem
        var last: [ByteString: Int] = [:]
        for (index, member) in found.enumerated() { last[ByteString(member.name)] = index }
        guard last.count < found.count else {
            members = found
            indices = last
            return
        }
        members = found.enumerated().filter { last[ByteString($1.name)] == $0 }.map(\.element)
        indices = Dictionary(
            uniqueKeysWithValues: members.enumerated().map { (ByteString($1.name), $0) })
    }

    /// The member of a name; nil if there is none.
    package subscript(name: String) -> Member? {
        indices[ByteString(name)].map { members[$0] }
    }
}
