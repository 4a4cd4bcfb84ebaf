package import Files
package import TextFormats

/// The videos and images of a tar archive, with what the archive says of them: a WebDataset shard.
///
/// Members belong together if their names are equal up to the first dot of the last component, their key:
/// `a/0007.mp4`, `a/0007.txt` and `a/0007.json`. They need not follow each other.
///
/// Source: webdataset 1.0.2, `tariterators.py`, `base_plus_ext`.
package struct TarSamples: Sendable {
    /// A video or an image.
    package struct Sample: Sendable {
        package let input: String
        /// `id`, `prompt` and `group` of the sibling `.json`, and `prompt` of the sibling `.txt`.
        package let annotations: [JSONValue.Member]
        /// Why it cannot be used.
        package let failure: FileError?

        package init(input: String, annotations: [JSONValue.Member], failure: FileError?) {
            self.input = input
            self.annotations = annotations
            self.failure = failure
        }
    }

    /// In the order of the archive, with a failure at the end if the archive cannot be read to its end.
    package let samples: [Sample]

    /// Most bytes of a sibling.
    private static let longestText = 1 << 20
    private static let keys = ["id", "prompt", "group"]

    /// Whether a path has the extension of an archive.
    package static func hasArchiveExtension(_ path: String) -> Bool {
        path.lowercased().hasByteSuffix(".tar") || CompressedArchive.hasExtension(path)
    }

    /// Whether a file is taken for an archive: it has the extension `.tar`, and the header of a member, or is a compressed
    /// one by its name and first bytes.
    package static func isArchive(_ path: String) -> Bool {
        if CompressedArchive.isArchive(path) { return true }
        guard path.lowercased().hasByteSuffix(".tar"), let file = try? FilePart(path: path),
            let block = try? file.bytes(at: 0, count: TarHeader.blockSize),
            block.count == TarHeader.blockSize
        else { return false }
        // An archive without members begins with zero bytes.
        return block.allSatisfy { $0 == 0 } || (try? TarHeader(block)) != nil
    }

    /// - Throws: `FileError` for an archive that cannot be read; `MediaError.folderWithoutMedia` for one
    ///   without videos and images.
    package init(archive path: String) throws(MediaError) {
        let file: FilePart
        let index: TarIndex
        do throws(FileError) {
            let archive = try TarArchive.open(path)
            index = archive.index
            file = try archive.open(name: path)
        } catch {
            throw .file(error)
        }
        try self.init(index, of: file)
    }

    /// - Parameter index: That of the file.
    /// - Throws: `MediaError.folderWithoutMedia` for an archive without videos and images.
    package init(_ index: TarIndex, of file: FilePart) throws(MediaError) {
        let path = file.path
        let media = index.members.filter { Self.isMedia($0.name) }
        var siblings: [ByteString: [TarIndex.Member]] = [:]
        let keys = Set(media.compactMap { Self.key(of: $0.name)?.key })
        for member in index.members {
            guard let (key, suffix) = Self.key(of: member.name),
                suffix == "json" || suffix == "txt",
                keys.contains(key)
            else { continue }
            siblings[key, default: []].append(member)
        }
        var samples = media.map { member in
            let input = TarMember.input(path, member.name)
            func fail(_ reason: String) -> Sample {
                Sample(
                    input: input, annotations: [],
                    failure: FileError(.read, input, .file(reason)))
            }
            if let refusal = member.refusal { return fail(refusal) }
            var annotations: [JSONValue.Member] = []
            let own = Self.key(of: member.name).flatMap { siblings[$0.key] } ?? []
            do throws(SiblingError) {
                for sibling in own { try Self.read(sibling, of: file, into: &annotations) }
            } catch {
                return fail("its sibling '\(error.name)' \(error.reason)")
            }
            return Sample(input: input, annotations: annotations, failure: nil)
        }
        if let problem = index.problem,
            index.members.last?.refusal == nil || media.isEmpty
                || index.members.last?.name != media.last?.name
        {
            samples.append(
                Sample(
                    input: path, annotations: [],
                    failure: FileError(.read, path, .file(problem))))
        }
        if samples.isEmpty { throw .folderWithoutMedia(input: path) }
        self.samples = samples
    }

    /// The key of a member, and the rest of its name in lower case; nil for a member without one.
    package static func key(of name: String) -> (key: ByteString, suffix: String)? {
        let bytes = name.utf8
        let slash = bytes.lastIndex(of: UInt8(ascii: "/"))
        let start = slash.map { bytes.index(after: $0) } ?? bytes.startIndex
        guard let dot = bytes[start...].firstIndex(of: UInt8(ascii: ".")), dot > start else {
            return nil
        }
        return (
            ByteString(Substring(bytes[..<dot])),
            String(Substring(bytes[bytes.index(after: dot)...])).lowercased()
        )
    }

    /// Hidden files, such as those that macOS adds, are left out as in a folder, and what webdataset takes for
    /// metadata: all below `__NAME__`.
    private static func isMedia(_ name: String) -> Bool {
        let folder = name.utf8.prefix { $0 != UInt8(ascii: "/") }
        let mark = "__".utf8
        let isMetadata =
            folder.count >= 4 && folder.starts(with: mark) && folder.suffix(2).elementsEqual(mark)
        return !isMetadata && PathName.last(of: name).utf8.first != UInt8(ascii: ".")
            && InputExpander.hasMediaExtension(name)
    }

    private struct SiblingError: Error {
        let name: String
        let reason: String
    }

    /// Adds what a sibling says; the `.json` has precedence over the `.txt`.
    private static func read(
        _ sibling: TarIndex.Member, of file: FilePart, into annotations: inout [JSONValue.Member]
    ) throws(SiblingError) {
        func fail(_ reason: String) -> SiblingError {
            SiblingError(name: sibling.name, reason: reason)
        }
        if let refusal = sibling.refusal { throw fail("cannot be read: \(refusal)") }
        guard sibling.byteCount <= longestText else {
            throw fail("has more than \(longestText >> 20) MiB")
        }
        let bytes: [UInt8]
        do throws(FileError) {
            bytes = try file.bytes(at: sibling.offset, count: sibling.byteCount)
        } catch {
            throw fail("cannot be read: \(error.reason)")
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw fail("is not UTF-8")
        }
        guard key(of: sibling.name)?.suffix == "json" else {
            if !annotations.contains(where: { $0.key == "prompt" }) {
                let trimmed = text.trimmingLineEnds
                if !trimmed.isEmpty { annotations.append(.init("prompt", .string(trimmed))) }
            }
            return
        }
        let object: JSONValue
        do throws(JSONValue.ParseError) {
            object = try JSONValue(parsing: text)
        } catch {
            throw fail("is not valid JSON: \(error)")
        }
        for key in keys {
            guard let value = object[key], value != .null,
                key != "prompt" || value.stringValue != nil
            else { continue }
            annotations.removeAll { $0.key == key }
            annotations.append(.init(key, value))
        }
    }
}

extension String {
    /// The text without spaces, tabs and line ends around it.
    fileprivate var trimmingLineEnds: String {
        let isBlank: (UInt8) -> Bool = { [0x20, 0x09, 0x0a, 0x0d].contains($0) }
        let bytes = utf8.drop(while: isBlank)
        guard let last = bytes.lastIndex(where: { !isBlank($0) }) else { return "" }
        return String(Substring(bytes[...last]))
    }
}
