package import Foundation

/// Reads byte strings of a dictionary that a program pickled. Nothing is looked up or called: what the pickle has besides
/// may be anything, such as an array of texts, and is not read; see `Unpickler`.
package enum PickledBytes {
    /// Why a pickle is none of the expected ones, in one sentence.
    package struct Problem: Error, Hashable {
        package var reason: String
    }

    /// The elements of a list of byte strings.
    ///
    /// - Parameters:
    ///   - key: The key of the list, as in `{"images": [b"…"], "prompts": ["…"]}`.
    ///   - data: The pickle, and nothing behind it.
    /// - Returns: Slices of `data`.
    package static func list(_ key: String, in data: Data) throws(Problem) -> [Data] {
        let pickle = try read(data)
        guard case .dictionary(let index) = pickle.root else {
            throw Problem(reason: "the pickle is no dictionary")
        }
        // The last value of a key counts, as in Python.
        let value = pickle.dictionaries[index].last { pair in
            if case .text(key) = pair.key { true } else { false }
        }?.value
        guard case .sequence(let list)? = value else {
            throw Problem(reason: "the pickle has no list \"\(key)\"")
        }
        var strings: [Data] = []
        for element in pickle.sequences[list] {
            guard case .bytes(let string) = element else {
                throw Problem(
                    reason:
                        "an element of \"\(key)\" is not bytes; send the bytes of JPEG, PNG or mp4")
            }
            switch pickle.byteStrings[string] {
            case .stored(let range):
                strings.append(
                    data[data.startIndex + range.lowerBound..<data.startIndex + range.upperBound])
            case .decoded(let bytes): strings.append(Data(bytes))
            }
        }
        return strings
    }

    private static func read(_ data: Data) throws(Problem) -> Pickle {
        let result = data.withUnsafeBytes { bytes in
            Result { () throws(Unpickler.UnpicklingError) in
                try Unpickler.read(bytes, at: 0, objects: .inert)
            }
        }
        do throws(Unpickler.UnpicklingError) {
            let (pickle, byteCount) = try result.get()
            guard byteCount == data.count else {
                throw .malformed(offset: byteCount, reason: "bytes behind the end")
            }
            return pickle
        } catch {
            switch error {
            case .malformed(let offset, let reason):
                throw Problem(reason: "the body is no pickle: \(reason) at byte \(offset)")
            case .global: preconditionFailure("objects are inert")
            }
        }
    }

    /// A pickled dictionary of lists of numbers, in protocol 4.
    package static func pickled(_ lists: [(key: String, values: [Double])]) -> Data {
        var data = Data([0x80, 4, UInt8(ascii: "}")])
        for (key, values) in lists {
            data.appendText(key)
            data.append(contentsOf: [UInt8(ascii: "]"), UInt8(ascii: "(")])
            for value in values {
                data.append(UInt8(ascii: "G"))
                withUnsafeBytes(of: value.bitPattern.bigEndian) { data.append(contentsOf: $0) }
            }
            data.append(contentsOf: [UInt8(ascii: "e"), UInt8(ascii: "s")])
        }
        data.append(UInt8(ascii: "."))
        return data
    }

    /// A pickled dictionary of one text, in protocol 4.
    package static func pickled(_ key: String, text: String) -> Data {
        var data = Data([0x80, 4, UInt8(ascii: "}")])
        data.appendText(key)
        data.appendText(text)
        data.append(contentsOf: [UInt8(ascii: "s"), UInt8(ascii: ".")])
        return data
    }
}

extension Data {
    fileprivate mutating func appendText(_ text: String) {
        append(UInt8(ascii: "X"))
        Swift.withUnsafeBytes(of: UInt32(text.utf8.count).littleEndian) {
            append(contentsOf: $0)
        }
        append(contentsOf: text.utf8)
    }
}
