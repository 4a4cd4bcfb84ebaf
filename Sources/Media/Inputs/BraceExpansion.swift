import Files

/// Braces in an argument that no shell has expanded: `shard-{000..099}.tar`, `{train,val}/*.mp4`.
///
/// As in Bash and in Python's braceexpand, which webdataset uses: ranges of integers, with leading zeros
/// kept and an optional step, and lists, which may be nested. Other braces are text. There are no ranges
/// of letters and no escapes.
package enum BraceExpansion {
    /// Most names that an argument may stand for.
    private static let limit = 1_000_000

    /// The names, in order; nil if the argument has no braces to expand.
    ///
    /// - Throws: `MediaError.file` for too many names.
    package static func names(of argument: String) throws(MediaError) -> [String]? {
        guard argument.utf8.contains(UInt8(ascii: "{")) else { return nil }
        guard let names = expand(Array(argument.utf8)[...]) else {
            let reason = "its braces stand for more than \(limit) names"
            throw .file(FileError(.read, argument, .file(reason)))
        }
        let texts = names.map { String(decoding: $0, as: UTF8.self) }
        return texts == [argument] ? nil : texts
    }

    /// - Returns: Nil for too many names.
    private static func expand(_ text: ArraySlice<UInt8>) -> [[UInt8]]? {
        var names: [[UInt8]] = [[]]
        var rest = text
        while let first = rest.first {
            guard first == UInt8(ascii: "{"), let (parts, end) = parts(of: rest) else {
                for index in names.indices { names[index].append(first) }
                rest = rest.dropFirst()
                continue
            }
            var choices: [[UInt8]] = []
            if parts.count == 1 {
                guard let numbers = range(parts[0]) else {
                    for index in names.indices { names[index].append(first) }
                    rest = rest.dropFirst()
                    continue
                }
                guard let texts = numbers.texts(limit: limit) else { return nil }
                choices = texts
            } else {
                for part in parts {
                    guard let expanded = expand(part) else { return nil }
                    choices += expanded
                }
            }
            guard let count = Checked.product(names.count, choices.count), count <= limit else {
                return nil
            }
            names = names.flatMap { name in choices.map { name + $0 } }
            rest = text[end...]
        }
        return names
    }

    /// The parts between the commas of the braces at the start, and the index behind them; nil if they
    /// are not closed. Braces without a comma are one part.
    private static func parts(
        of text: ArraySlice<UInt8>
    ) -> (parts: [ArraySlice<UInt8>], end: Int)? {
        var depth = 0
        var parts: [ArraySlice<UInt8>] = []
        var start = text.startIndex + 1
        for index in text.indices {
            switch text[index] {
            case UInt8(ascii: "{"): depth += 1
            case UInt8(ascii: ",") where depth == 1:
                parts.append(text[start..<index])
                start = index + 1
            case UInt8(ascii: "}"):
                depth -= 1
                if depth == 0 { return (parts + [text[start..<index]], index + 1) }
            default: break
            }
        }
        return nil
    }

    private struct Numbers {
        let first: Int
        let last: Int
        let step: Int
        /// Fewest digits.
        let width: Int

        func texts(limit: Int) -> [[UInt8]]? {
            guard (last - first).magnitude / UInt(step) < UInt(limit) else { return nil }
            let numbers = stride(from: first, through: last, by: first <= last ? step : -step)
            return numbers.map { number in
                let digits = Array(String(number.magnitude).utf8)
                let sign = number < 0 ? [UInt8(ascii: "-")] : []
                let zeros = max(0, width - digits.count - sign.count)
                return sign + [UInt8](repeating: 0x30, count: zeros) + digits
            }
        }
    }

    /// Parses `FIRST..LAST` or `FIRST..LAST..STEP`, of at most nine digits each.
    private static func range(_ text: ArraySlice<UInt8>) -> Numbers? {
        let words = String(decoding: text, as: UTF8.self).split(
            separator: "..", omittingEmptySubsequences: false
        ).map(String.init)
        guard words.count == 2 || words.count == 3,
            words.allSatisfy({ (1...10).contains($0.utf8.count) })
        else { return nil }
        let numbers = words.compactMap { Int($0) }
        guard numbers.count == words.count, words.allSatisfy({ !$0.hasPrefix("+") }) else {
            return nil
        }
        let isPadded = words.prefix(2).contains { word in
            let digits = word.hasPrefix("-") ? word.dropFirst() : word[...]
            return digits.count > 1 && digits.hasPrefix("0")
        }
        let step = numbers.count == 3 ? Int(numbers[2].magnitude) : 1
        return Numbers(
            first: numbers[0], last: numbers[1], step: max(1, step),
            width: isPadded ? words.prefix(2).map(\.utf8.count).max() ?? 0 : 0)
    }
}
