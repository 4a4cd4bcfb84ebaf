/// The parts of paths, found by bytes.
///
/// In a `String`, a slash or a dot is joined with a combining mark that follows it to one `Character`,
/// so that `split(separator:)` and `lastIndex(of:)` do not find it.
package enum PathName {
    private static let slash = UInt8(ascii: "/")

    /// The name of a file or folder without its parent folders; slashes at the end are left out.
    package static func last(of path: some StringProtocol) -> String {
        let bytes = trimmed(path)
        let start = bytes.lastIndex(of: slash).map { bytes.index(after: $0) } ?? bytes.startIndex
        return String(Substring(bytes[start...]))
    }

    /// The parent folder; `.` for a name alone, and `/` at the root.
    package static func folder(of path: some StringProtocol) -> String {
        let bytes = trimmed(path)
        guard let end = bytes.lastIndex(of: slash) else { return "." }
        let folder = trimmed(Substring(bytes[..<end]))
        return folder.isEmpty ? "/" : String(Substring(folder))
    }

    /// A name in a folder.
    package static func join(_ folder: String, _ name: String) -> String {
        folder.utf8.last == slash ? folder + name : "\(folder)/\(name)"
    }

    /// The stem of a name and its extension without the dot; the extension of `.name` and `name` is
    /// empty.
    package static func split(_ name: String) -> (stem: String, extension: String) {
        let bytes = name.utf8
        guard let dot = bytes.lastIndex(of: UInt8(ascii: ".")), dot != bytes.startIndex else {
            return (name, "")
        }
        return (
            String(Substring(bytes[..<dot])), String(Substring(bytes[bytes.index(after: dot)...]))
        )
    }

    /// The name of a file without its parent folders and its extension.
    package static func stem(of path: some StringProtocol) -> String {
        split(last(of: path)).stem
    }

    /// The components between slashes that are not empty.
    package static func components(of path: some StringProtocol) -> [String] {
        Substring(path).utf8.split(separator: slash).map { String(Substring($0)) }
    }

    /// Whether a path begins with a slash.
    package static func isAbsolute(_ path: some StringProtocol) -> Bool {
        path.utf8.first == slash
    }

    /// Without slashes at the end; `/` becomes empty.
    private static func trimmed(_ path: some StringProtocol) -> Substring.UTF8View.SubSequence {
        var bytes = Substring(path).utf8[...]
        while bytes.last == slash { bytes.removeLast() }
        return bytes
    }
}
