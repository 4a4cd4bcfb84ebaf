import Files
import OrderedCollections
import TextFormats

/// A generator's prompts: a text file with one prompt per line, blank lines not counted.
///
/// Source: VideoCrafter, `scripts/evaluation/funcs.py`, `load_prompts`, and `inference.py`, which names
/// outputs `0001`, `0002`… in their order.
public struct PromptList: Sendable, Hashable {
    public let path: String
    public let prompts: [String]
    /// Number of the first prompt in file names, 0 or 1. Nil selects 0 if a file has the number 0,
    /// else 1.
    public var firstNumber: Int?
    /// The first prompt of each normalized text.
    private let promptsByWords: [ByteString: String]

    /// Reads a prompt file; `-` is standard input.
    ///
    /// - Throws: `PreferenceError`.
    public init(path: String, firstNumber: Int? = nil) throws(PreferenceError) {
        self.path = path
        self.firstNumber = firstNumber
        var prompts: [String] = []
        for (_, line) in try LineReader.lines(of: path, failing: PreferenceError.file) {
            prompts.append(line.trimmedSpace)
        }
        guard !prompts.isEmpty else { throw .noPrompts(path: path) }
        self.prompts = prompts
        promptsByWords = Dictionary(
            prompts.map { (ByteString(Self.normalized($0)), $0) },
            uniquingKeysWith: { first, _ in first })
    }

    /// Assigns prompts to groups that have none: by the words of the name, else by the number in it.
    ///
    /// - Parameter numbers: Prompt numbers found by name patterns, by group name.
    /// - Throws: `PreferenceError` for a group whose prompt is not in the list.
    func fill(
        _ groups: inout OrderedDictionary<ByteString, CandidateGroup>.Values,
        numbers: [ByteString: Int]
    ) throws(PreferenceError) {
        var byNumber: [(group: Int, number: Int)] = []
        for index in groups.indices where groups[index].prompt == nil {
            let name = groups[index].name
            if let prompt = promptsByWords[Self.normalized(name)] {
                groups[index].prompt = prompt
            } else if let number = numbers[name] ?? Self.number(in: name) {
                byNumber.append((index, number))
            } else {
                throw .noPrompt(group: name, path: path)
            }
        }
        let first = firstNumber ?? (byNumber.contains { $0.number == 0 } ? 0 : 1)
        for (index, number) in byNumber {
            // Numbers that a pattern found in names may be any.
            guard let position = Checked.difference(number, first),
                prompts.indices.contains(position)
            else {
                throw .promptNumber(
                    group: groups[index].name, number: number, path: path, first: first,
                    count: prompts.count)
            }
            groups[index].prompt = prompts[position]
        }
    }

    /// The last number in a name; nil if it has more than nine digits.
    static func number(in name: String) -> Int? {
        let runs = name.utf8.split { !(0x30...0x39).contains($0) }
        guard let last = runs.last, last.count <= 9 else { return nil }
        return Int(Substring(last))
    }

    /// Lower-case letters and digits only, since file names replace the spaces of prompts and drop
    /// their punctuation.
    private static func normalized(_ text: String) -> String {
        text.lowercased().filter { $0.isLetter || $0.isNumber }
    }
}

extension String {
    /// Without white space at both ends, as Python's `strip` leaves it.
    fileprivate var trimmedSpace: String {
        var scalars = unicodeScalars[...]
        while scalars.first?.properties.isWhitespace == true { scalars.removeFirst() }
        while scalars.last?.properties.isWhitespace == true { scalars.removeLast() }
        return String(scalars)
    }
}
