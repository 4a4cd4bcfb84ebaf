/// Takes long texts, such as media in base64, out of JSON while it arrives, so that only the rest is kept in memory.
///
/// Texts that are values of chosen keys, or lie in arrays that are, are handed out piece by piece. In the rest each
/// is replaced by a text with its index, from 0. Whether the JSON is valid is for the parser of the rest to say.
package struct JSONTextExtractor {
    package enum Event {
        /// A text begins.
        ///
        /// - Parameter array: A number of the array of the text if that is an element of another array, as the frames
        ///   of one of several videos are; texts of the same array have the same number.
        case began(array: Int?)
        /// Bytes of the text without escapes; characters above 127 that are escaped come as zero bytes.
        case bytes(UnsafeRawBufferPointer)
        /// The text is complete.
        case ended
    }

    private struct Container {
        var isObject: Bool
        /// Whether it is the value of a chosen key, or lies in one.
        var isChosen: Bool
        /// A number of an array.
        var number: Int
    }

    private enum State {
        case between
        case text(isKey: Bool)
        case extracted
    }

    private let keys: Set<[UInt8]>
    private let isLines: Bool
    private var state = State.between
    private var containers: [Container] = []
    private var arrayCount = 0
    private var expectsKey = false
    /// Whether the next value is of a chosen key.
    private var isChosen = false
    private var key: [UInt8] = []
    /// The escape that has begun, after its backslash; nil outside of escapes.
    private var escape: [UInt8]?

    /// The JSON without the texts.
    package private(set) var rest: [UInt8] = []
    /// Number of texts so far.
    package private(set) var count = 0

    /// Nesting depth beyond which no JSON is parsed, and nothing is taken out.
    private static let depthLimit = 64
    private static let longestEscape = 5

    /// - Parameters:
    ///   - keys: Keys whose texts are taken out. A key that is written with escapes is another one.
    ///   - isLines: Whether each line is a value of its own, so that an error in one has no effect on others.
    package init(keys: [String], isLines: Bool = false) {
        self.keys = Set(keys.map { Array($0.utf8) })
        self.isLines = isLines
    }

    /// Reads the next bytes.
    package mutating func read<Failure: Error>(
        _ bytes: UnsafeRawBufferPointer, _ body: (Event) throws(Failure) -> Void
    ) throws(Failure) {
        var offset = 0
        while offset < bytes.count {
            if case .extracted = state, escape == nil {
                // What most of the bytes belong to.
                let run = bytes[offset...].prefix {
                    $0 >= 0x20 && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\")
                }
                if !run.isEmpty { try body(.bytes(UnsafeRawBufferPointer(rebasing: run))) }
                offset = run.endIndex
                guard offset < bytes.count else { return }
            }
            try read(bytes[offset], body)
            offset += 1
        }
    }

    private mutating func read<Failure: Error>(
        _ byte: UInt8, _ body: (Event) throws(Failure) -> Void
    ) throws(Failure) {
        if isLines, byte == UInt8(ascii: "\n") {
            // A text has no line ends: one that has not ended is an error of its line.
            (state, escape, containers, expectsKey, isChosen) = (.between, nil, [], false, false)
            rest.append(byte)
            return
        }
        switch state {
        case .between:
            try readBetween(byte, body)
        case .text(let isKey):
            rest.append(byte)
            if escape != nil {
                escape = nil
                key.append(byte)
            } else if byte == UInt8(ascii: "\\") {
                escape = []
                key.append(byte)
            } else if byte == UInt8(ascii: "\"") {
                state = .between
                if isKey { isChosen = keys.contains(key) }
            } else if isKey {
                key.append(byte)
            }
        case .extracted:
            try readExtracted(byte, body)
        }
    }

    private mutating func readBetween<Failure: Error>(
        _ byte: UInt8, _ body: (Event) throws(Failure) -> Void
    ) throws(Failure) {
        if byte == UInt8(ascii: "\""), isChosen, !expectsKey, containers.count <= Self.depthLimit {
            rest += Array("\"\(count)\"".utf8)
            count += 1
            state = .extracted
            let (array, outer) = (containers.last, containers.dropLast().last)
            let isInner = array?.isObject == false && outer?.isObject == false
            try body(.began(array: isInner ? array?.number : nil))
            return
        }
        rest.append(byte)
        switch byte {
        case UInt8(ascii: "\""):
            state = .text(isKey: expectsKey)
            key = []
        case UInt8(ascii: "{"), UInt8(ascii: "["):
            let isObject = byte == UInt8(ascii: "{")
            if containers.count <= Self.depthLimit {
                arrayCount += 1
                containers.append(
                    Container(isObject: isObject, isChosen: isChosen, number: arrayCount))
            }
            expectsKey = isObject
            isChosen = isChosen && !isObject
        case UInt8(ascii: "}"), UInt8(ascii: "]"):
            isChosen = containers.popLast()?.isChosen ?? false
            expectsKey = false
        case UInt8(ascii: ","):
            expectsKey = containers.last?.isObject == true
            if expectsKey { isChosen = false }
        case UInt8(ascii: ":"):
            expectsKey = false
        default:
            break
        }
    }

    private mutating func readExtracted<Failure: Error>(
        _ byte: UInt8, _ body: (Event) throws(Failure) -> Void
    ) throws(Failure) {
        var value = byte
        if var digits = escape {
            digits.append(byte)
            escape = digits
            if digits[0] == UInt8(ascii: "u"), digits.count < Self.longestEscape { return }
            escape = nil
            value = Self.byte(ofEscape: digits)
        } else if byte == UInt8(ascii: "\\") {
            escape = []
            return
        } else if byte == UInt8(ascii: "\"") {
            state = .between
            return try body(.ended)
        } else if byte < 0x20 {
            // No text has one.
            value = 0
        }
        let result = withUnsafeBytes(of: value) { bytes in
            Result { () throws(Failure) in try body(.bytes(bytes)) }
        }
        try result.get()
    }

    /// The byte that an escape stands for; zero of those that are above 127 or none.
    private static func byte(ofEscape digits: [UInt8]) -> UInt8 {
        switch digits[0] {
        case UInt8(ascii: "/"), UInt8(ascii: "\\"), UInt8(ascii: "\""): digits[0]
        case UInt8(ascii: "n"): 0x0A
        case UInt8(ascii: "r"): 0x0D
        case UInt8(ascii: "t"): 0x09
        case UInt8(ascii: "u"):
            UInt8(String(decoding: digits.dropFirst(), as: UTF8.self), radix: 16).flatMap {
                $0 < 0x80 ? $0 : nil
            } ?? 0
        default: 0
        }
    }
}
