internal import Foundation
internal import Frames
internal import Media
internal import TextFormats

/// An input of a store's export: its entry in the metadata, without the embeddings.
struct ExportedInput {
    /// A clip's entry.
    struct ExportedClip {
        var indices: [Int]
        var startSeconds: Double?
        var endSeconds: Double?
        var degeneracy: Degeneracy?
    }

    /// SHA-256 of the input's bytes, 32 bytes.
    let content: Data
    let summary: ReadSummary
    let clips: [ExportedClip]

    /// A value that is missing or of another type than expected.
    struct ParseError: Error {
        /// For example `clips 2, key 'start': a finite number or null expected`.
        var reason: String
    }

    /// Reads an entry. All keys must be there, with values of their type and range.
    init(_ json: JSONValue) throws(ParseError) {
        let fields = Fields(json: json)
        let size = "a whole number from 0"
        content = try fields.value("content", "64 hexadecimal digits") {
            $0.stringValue.flatMap(Self.digest)
        }
        let info = MediaInfo(
            kind: try fields.value("kind", "image or video") {
                $0.stringValue.flatMap(MediaKind.init(rawValue:))
            },
            width: try fields.value("width", size) { $0.integer(in: InputRow.sides) },
            height: try fields.value("height", size) { $0.integer(in: InputRow.sides) },
            frameRate: try fields.number("frame_rate"),
            durationSeconds: try fields.number("promised_seconds"),
            formatName: try fields.value("format", "a text", \.stringValue),
            codecName: try fields.value("codec", "a text", \.stringValue))
        summary = ReadSummary(
            info: info,
            frameCount: try fields.value("frames", "a whole number from 0") {
                $0.integer(in: InputRow.frameCounts)
            },
            durationSeconds: try fields.number("seconds"),
            truncation: try fields.optional("truncation", "a text or null", \.stringValue))
        let entries = try fields.value("clips", "a list", \.arrayValue)
        var clips: [ExportedClip] = []
        for (index, entry) in entries.enumerated() {
            let fields = Fields(json: entry, prefix: "clip \(index), ")
            clips.append(
                ExportedClip(
                    indices: try fields.value("indices", "a list of whole numbers from 0") {
                        $0.arrayValue?.integers(in: InputRow.frameCounts)
                            .flatMap { $0.isEmpty ? nil : $0 }
                    },
                    startSeconds: try fields.number("start"),
                    endSeconds: try fields.number("end"),
                    degeneracy: try fields.optional(
                        "degenerate",
                        Degeneracy.allCases.map(\.rawValue).joined(separator: ", ") + " or null"
                    ) { $0.stringValue.flatMap(Degeneracy.init) }))
        }
        self.clips = clips
    }

    private static func digest(_ text: String) -> Data? {
        let digits = Array(text.utf8)
        guard digits.count == 64 else { return nil }
        let bytes = stride(from: 0, to: 64, by: 2).compactMap { start -> UInt8? in
            guard let high = hexadecimal(digits[start]), let low = hexadecimal(digits[start + 1])
            else { return nil }
            return high << 4 | low
        }
        return bytes.count == 32 ? Data(bytes) : nil
    }

    private static func hexadecimal(_ digit: UInt8) -> UInt8? {
        Character(Unicode.Scalar(digit)).hexDigitValue.map { UInt8($0) }
    }

    /// Typed access to the members of an entry.
    private struct Fields {
        let json: JSONValue
        var prefix = ""

        func value<Value>(
            _ key: String, _ expected: String, _ convert: (JSONValue) -> Value?
        ) throws(ParseError) -> Value {
            guard let value = json[key].flatMap(convert) else {
                throw ParseError(reason: "\(prefix)key '\(key)': \(expected) expected")
            }
            return value
        }

        /// The value of a key that may be null.
        func optional<Value>(
            _ key: String, _ expected: String, _ convert: (JSONValue) -> Value?
        ) throws(ParseError) -> Value? {
            json[key] == .null ? nil : try value(key, expected, convert)
        }

        func number(_ key: String) throws(ParseError) -> Double? {
            try optional(key, "a finite number or null") { value in
                value.doubleValue.flatMap { $0.isFinite ? $0 : nil }
            }
        }
    }
}

extension JSONValue {
    fileprivate func integer(in range: ClosedRange<Int>) -> Int? {
        integerValue.flatMap { range.contains($0) ? $0 : nil }
    }
}

extension [JSONValue] {
    fileprivate func integers(in range: ClosedRange<Int>) -> [Int]? {
        let integers = compactMap { $0.integer(in: range) }
        return integers.count == count ? integers : nil
    }
}
