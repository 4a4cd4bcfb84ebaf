/// Parses a body of several parts (RFC 2046, RFC 7578) while it arrives.
package struct MultipartParser {
    /// What the header of a part says.
    package struct Part: Sendable, Hashable {
        /// Name of the form's field.
        package var name: String?
        /// Name of the file on the sender's machine.
        package var fileName: String?
    }

    package enum Event {
        case began(Part)
        case bytes(UnsafeRawBufferPointer)
        case ended
    }

    /// Why a body is not one of several parts.
    package struct Problem: Error, Hashable {
        package var reason: String
    }

    private enum State {
        /// In front of the first boundary, or in a part.
        case content(isPart: Bool)
        case boundary
        case header
        /// In front of the line end that ends a header.
        case emptyLine
        case end
    }

    private let delimiter: [UInt8]
    private var state = State.content(isPart: false)
    /// What has arrived and was not read yet. The line end in front lets a boundary begin the body.
    private var buffer: [UInt8] = [0x0D, 0x0A]

    /// Most bytes of a part's header.
    private static let headerLimit = 1 << 14
    private static let lineEnd: [UInt8] = [0x0D, 0x0A]
    private static let headerEnd: [UInt8] = lineEnd + lineEnd

    /// - Parameter type: The content type of the body: `multipart/form-data; boundary=…`.
    /// - Throws: `Problem` if it has no valid boundary.
    package init(contentType type: String) throws(Problem) {
        let boundary = Self.parameters(of: type)["boundary"] ?? ""
        guard (1...70).contains(boundary.utf8.count),
            boundary.utf8.allSatisfy({ (0x20...0x7E).contains($0) })
        else { throw Problem(reason: "Content-Type has no valid boundary") }
        delimiter = Array("\r\n--\(boundary)".utf8)
    }

    /// Reads the next bytes.
    ///
    /// - Throws: Errors of `body`, and of `failing` for a body that is not of several parts.
    package mutating func read<Failure: Error>(
        _ bytes: UnsafeRawBufferPointer, failing: (Problem) -> Failure,
        _ body: (Event) throws(Failure) -> Void
    ) throws(Failure) {
        buffer += bytes
        var offset = 0
        defer { buffer.removeFirst(offset) }
        while true {
            switch state {
            case .content(let isPart):
                let found = Self.find(delimiter, in: buffer, from: offset)
                // The end of what is there may be the beginning of a boundary.
                let end = found ?? max(offset, buffer.count - delimiter.count + 1)
                if isPart, end > offset { try pass(offset..<end, to: body) }
                offset = end
                guard found != nil else { return }
                offset += delimiter.count
                state = .boundary
                if isPart { try body(.ended) }
            case .boundary:
                guard buffer.count >= offset + 2 else { return }
                if buffer[offset..<offset + 2].elementsEqual("--".utf8) {
                    state = .end
                    continue
                }
                guard let end = Self.find(Self.lineEnd, in: buffer, from: offset) else {
                    guard buffer.count - offset <= Self.headerLimit else {
                        throw failing(Problem(reason: "a boundary's line has no end"))
                    }
                    return
                }
                guard buffer[offset..<end].allSatisfy({ $0 == 0x20 || $0 == 0x09 }) else {
                    throw failing(Problem(reason: "there is text behind a boundary"))
                }
                // A header that is empty ends with this line end.
                offset = end
                state = .header
            case .header:
                guard let end = Self.find(Self.headerEnd, in: buffer, from: offset) else {
                    guard buffer.count - offset <= Self.headerLimit else {
                        throw failing(Problem(reason: "the header of a part is too long"))
                    }
                    return
                }
                let part: Part
                do throws(Problem) { part = try Self.part(buffer[offset..<end]) } catch {
                    throw failing(error)
                }
                // The line end is left, since the boundary of a part without content follows it at once.
                offset = end + Self.lineEnd.count
                state = .emptyLine
                try body(.began(part))
            case .emptyLine:
                // The header's last line end: content begins behind it.
                if Self.find(delimiter, in: buffer, from: offset) == offset {
                    state = .content(isPart: true)
                    continue
                }
                guard buffer.count >= offset + delimiter.count else { return }
                offset += Self.lineEnd.count
                state = .content(isPart: true)
            case .end:
                offset = buffer.count
                return
            }
        }
    }

    /// Whether the last boundary was there.
    package var isComplete: Bool {
        if case .end = state { true } else { false }
    }

    private func pass<Failure: Error>(
        _ range: Range<Int>, to body: (Event) throws(Failure) -> Void
    ) throws(Failure) {
        let result = buffer.withUnsafeBytes { bytes in
            Result { () throws(Failure) in
                try body(.bytes(UnsafeRawBufferPointer(rebasing: bytes[range])))
            }
        }
        try result.get()
    }

    private static func find(_ pattern: [UInt8], in bytes: [UInt8], from start: Int) -> Int? {
        var start = start
        while start + pattern.count <= bytes.count,
            let index = bytes[start...(bytes.count - pattern.count)].firstIndex(of: pattern[0])
        {
            if bytes[index..<index + pattern.count].elementsEqual(pattern) { return index }
            start = index + 1
        }
        return nil
    }

    private static func part(_ header: ArraySlice<UInt8>) throws(Problem) -> Part {
        var part = Part()
        // Names may have other characters that are line ends to a reader of text.
        for bytes in header.split(whereSeparator: lineEnd.contains) {
            guard let line = String(validating: bytes, as: UTF8.self) else {
                throw Problem(reason: "the header of a part is not UTF-8")
            }
            guard let colon = line.firstIndex(of: ":") else {
                throw Problem(reason: "a line of a part's header has no colon")
            }
            let value = String(line[line.index(after: colon)...])
            switch line[..<colon].lowercased() {
            case "content-disposition":
                let parameters = parameters(of: value)
                part.name = parameters["name"].map(unescaped)
                part.fileName = parameters["filename"].map(unescaped)
            case "content-transfer-encoding":
                let encoding = value.filter { !$0.isWhitespace }.lowercased()
                guard ["binary", "8bit", "7bit"].contains(encoding) else {
                    throw Problem(reason: "a part is encoded as \(encoding); send it as it is")
                }
            default: break
            }
        }
        return part
    }

    /// The parameters behind the first semicolon of a header's value, by name in lower case.
    private static func parameters(of value: String) -> [String: String] {
        var parameters: [String: String] = [:]
        var rest = value.drop { $0 != ";" }
        while rest.first == ";" {
            rest = rest.dropFirst().drop { $0 == " " || $0 == "\t" }
            let name = rest.prefix { $0 != "=" && $0 != ";" }
            rest = rest.dropFirst(name.count)
            guard rest.first == "=" else { continue }
            rest = rest.dropFirst()
            var text = ""
            if rest.first == "\"" {
                rest = rest.dropFirst()
                while let character = rest.popFirst(), character != "\"" {
                    // Browsers write quotes as %22, others put a backslash in front of them. A backslash in front of
                    // another character is one of the name.
                    if character == "\\", let next = rest.first, next == "\"" || next == "\\" {
                        text.append(rest.removeFirst())
                    } else {
                        text.append(character)
                    }
                }
                rest = rest.drop { $0 != ";" }
            } else {
                let word = rest.prefix { $0 != ";" }
                rest = rest.dropFirst(word.count)
                text = word.trimmingSuffix()
            }
            parameters[name.lowercased()] = text
        }
        return parameters
    }

    /// What browsers write for characters that a name cannot have.
    private static func unescaped(_ name: String) -> String {
        ["%22": "\"", "%0D": "\r", "%0A": "\n"].reduce(name) { name, escape in
            name.split(separator: escape.key, omittingEmptySubsequences: false)
                .joined(separator: escape.value)
        }
    }
}

extension Substring {
    fileprivate func trimmingSuffix() -> String {
        String(self.reversed().drop { $0 == " " || $0 == "\t" }.reversed())
    }
}
