/// A text that is compared, ordered and hashed by its UTF-8 bytes.
///
/// `String` compares by canonical equivalence, so `é` (U+00E9) equals `e` with U+0301. Two files can
/// have these names. A `ByteString` is the key wherever names, paths, prompts and identifiers are
/// looked up; its hash is also cheaper than that of a `String`, which is normalized first.
package struct ByteString: Sendable {
    package let text: String

    package init(_ text: String) { self.text = text }

    package init(_ text: Substring) { self.text = String(text) }

    /// The bytes; the pointer must not leave `body`.
    fileprivate func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        var text = text
        return text.withUTF8 { body(UnsafeRawBufferPointer($0)) }
    }
}

extension ByteString: Hashable {
    package static func == (left: ByteString, right: ByteString) -> Bool {
        left.text.hasSameBytes(as: right.text)
    }

    package func hash(into hasher: inout Hasher) {
        withBytes { bytes in
            hasher.combine(bytes: bytes)
            // No byte of UTF-8: texts that follow each other in one hash stay apart.
            hasher.combine(0xff as UInt8)
        }
    }
}

extension ByteString: Comparable {
    package static func < (left: ByteString, right: ByteString) -> Bool {
        left.withBytes { left in right.withBytes { left.lexicographicallyPrecedes($0) } }
    }
}

extension ByteString: ExpressibleByStringLiteral, CustomStringConvertible {
    package init(stringLiteral text: String) { self.text = text }

    package var description: String { text }
}

/// Comparisons by bytes.
extension StringProtocol {
    package func hasSameBytes(as other: some StringProtocol) -> Bool {
        // Of ASCII texts, most of which differ, `==` compares the bytes at once.
        self == other && utf8.elementsEqual(other.utf8)
    }

    package func hasBytePrefix(_ prefix: some StringProtocol) -> Bool {
        utf8.starts(with: prefix.utf8)
    }

    package func hasByteSuffix(_ suffix: some StringProtocol) -> Bool {
        utf8.count >= suffix.utf8.count
            && utf8.suffix(suffix.utf8.count).elementsEqual(suffix.utf8)
    }

    /// Whether the text comes before another one in the order of bytes.
    package func precedesByBytes(_ other: some StringProtocol) -> Bool {
        utf8.lexicographicallyPrecedes(other.utf8)
    }

    /// The text with `replacement` for each occurrence of a scalar. A `Character` would not be found
    /// where a combining mark follows it.
    package func replacing(scalar: Unicode.Scalar, with replacement: String) -> String {
        var result = String.UnicodeScalarView()
        for other in unicodeScalars {
            if other == scalar {
                result += replacement.unicodeScalars
            } else {
                result.append(other)
            }
        }
        return String(result)
    }
}

extension Dictionary where Key == ByteString {
    package subscript(text: String) -> Value? {
        get { self[ByteString(text)] }
        set { self[ByteString(text)] = newValue }
        _modify { yield &self[ByteString(text)] }
    }

    package subscript(text: String, default fallback: @autoclosure () -> Value) -> Value {
        get { self[ByteString(text), default: fallback()] }
        _modify { yield &self[ByteString(text), default: fallback()] }
    }
}

extension Set where Element == ByteString {
    package func contains(_ text: String) -> Bool { contains(ByteString(text)) }

    /// Inserts a text; returns whether it was new.
    package mutating func insert(_ text: String) -> Bool { insert(ByteString(text)).inserted }
}
