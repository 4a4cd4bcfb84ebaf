import Files

/// A numbered image sequence, `shots/frame_%05d.png`: one `%d` or `%0Nd` in the file name.
struct SequencePattern {
    let folder: String
    private let prefix: [UInt8]
    private let suffix: [UInt8]
    /// Number of digits, padded with zeros; 0 without padding.
    private let digits: Int

    /// Parses a path; nil if its file name has no such pattern.
    init?(_ path: String) {
        guard path.utf8.last != UInt8(ascii: "/") else { return nil }
        folder = PathName.folder(of: path)
        let name = PathName.last(of: path).utf8
        let percentSign = UInt8(ascii: "%")
        guard let percent = name.firstIndex(of: percentSign) else { return nil }
        let afterPercent = name[name.index(after: percent)...]
        let number = afterPercent.prefix { (0x30...0x39).contains($0) }
        guard number.count <= 3, afterPercent.dropFirst(number.count).first == UInt8(ascii: "d"),
            number.isEmpty || number.first == 0x30
        else { return nil }
        let rest = afterPercent.dropFirst(number.count + 1)
        guard !rest.contains(percentSign), !folder.utf8.contains(percentSign) else { return nil }
        prefix = Array(name[..<percent])
        suffix = Array(rest)
        digits = Int(Substring(number)) ?? 0
    }

    /// The number in a file's name, if the name belongs to the sequence.
    func number(of name: String) -> Int? {
        let bytes = name.utf8
        guard bytes.count > prefix.count + suffix.count, bytes.starts(with: prefix),
            bytes.suffix(suffix.count).elementsEqual(suffix)
        else { return nil }
        let middle = bytes.dropFirst(prefix.count).dropLast(suffix.count)
        guard middle.allSatisfy({ (0x30...0x39).contains($0) }),
            let value = Int32(Substring(middle))
        else { return nil }
        let width = middle.count
        guard
            width == digits || (width > digits && middle.first != 0x30)
                || (digits == 0 && value == 0)
        else { return nil }
        return Int(value)
    }

    /// The lowest number on disk; nil if no file belongs to the sequence.
    func firstNumber() throws(MediaError) -> Int? {
        try FileSystem.names(inFolder: folder, failing: MediaError.file).compactMap(number).min()
    }
}
