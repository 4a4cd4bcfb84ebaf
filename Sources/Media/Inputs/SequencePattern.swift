/// A numbered image sequence, `shots/frame_%05d.png`: one `%d` or `%0Nd` in the file name.
struct SequencePattern {
    let folder: String
    private let prefix: String
    private let suffix: String
    /// Number of digits, padded with zeros; 0 without padding.
    private let digits: Int

    /// Parses a path; nil if its file name has no such pattern.
    init?(_ path: String) {
        let name: Substring
        if let slash = path.lastIndex(of: "/") {
            folder = slash == path.startIndex ? "/" : String(path[..<slash])
            name = path[path.index(after: slash)...]
        } else {
            folder = "."
            name = path[...]
        }
        guard let percent = name.firstIndex(of: "%") else { return nil }
        let afterPercent = name[name.index(after: percent)...]
        let number = afterPercent.prefix { $0.isASCII && $0.isNumber }
        guard number.count <= 3, afterPercent.dropFirst(number.count).first == "d",
            number.isEmpty || number.first == "0"
        else { return nil }
        let rest = afterPercent.dropFirst(number.count + 1)
        guard !rest.contains("%"), !folder.contains("%") else { return nil }
        prefix = String(name[..<percent])
        suffix = String(rest)
        digits = Int(number) ?? 0
    }

    /// The number in a file's name, if the name belongs to the sequence.
    func number(of name: String) -> Int? {
        guard name.hasPrefix(prefix), name.hasSuffix(suffix),
            name.utf8.count > prefix.utf8.count + suffix.utf8.count
        else { return nil }
        let middle = name.dropFirst(prefix.count).dropLast(suffix.count)
        guard middle.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            let value = Int32(middle)
        else { return nil }
        let width = middle.utf8.count
        guard
            width == digits || (width > digits && middle.first != "0")
                || (digits == 0 && value == 0)
        else { return nil }
        return Int(value)
    }

    /// The lowest number on disk; nil if no file belongs to the sequence.
    func firstNumber() -> Int? {
        FolderListing.names(in: folder).compactMap(number).min()
    }
}
