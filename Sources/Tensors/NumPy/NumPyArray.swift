/// An array in NumPy's format, in memory: floats, an integer or a text.
package struct NumPyArray: Sendable, Equatable {
    package let shape: [Int]
    /// Whether the first index changes fastest. The transpose has the same bytes in the other order.
    package let isFortranOrder: Bool
    private let content: Content

    private enum Content: Sendable, Equatable {
        case floats([Double])
        case integers([Int])
        case texts([String])
    }

    /// Elements in the order of the file; nil if they are no floats.
    package var floats: [Double]? {
        if case .floats(let floats) = content { floats } else { nil }
    }

    /// The integer of an array without dimensions.
    package var integer: Int? {
        if case .integers(let integers) = content, shape.isEmpty { integers.first } else { nil }
    }

    /// The text of an array without dimensions.
    package var text: String? {
        if case .texts(let texts) = content, shape.isEmpty { texts.first } else { nil }
    }

    package init(_ floats: [Double], shape: [Int]) {
        precondition(shape.reduce(1, *) == floats.count)
        self.shape = shape
        isFortranOrder = false
        content = .floats(floats)
    }

    package init(_ integer: Int) {
        shape = []
        isFortranOrder = false
        content = .integers([integer])
    }

    package init(_ text: String) {
        shape = []
        isFortranOrder = false
        content = .texts([text])
    }

    /// Decodes a file of little-endian `<f8`, `<f4`, `<i8` or text (`<U…`).
    ///
    /// - Throws: `Problem` for other types, and where the length does not match the shape.
    init(_ bytes: [UInt8]) throws(Problem) {
        guard let (header, offset) = NumPyHeader.parse(bytes) else {
            throw Problem(reason: "no header of a NumPy array")
        }
        shape = header.shape
        isFortranOrder = header.isFortranOrder
        let type = header.descriptor
        let width: Int?
        switch type {
        case "<f8", "<i8": width = 8
        case "<f4": width = 4
        default:
            // Python's objects (|O) would be pickles, which could run code.
            width =
                type.hasPrefix("<U")
                ? Int(type.dropFirst(2)).flatMap { 0...Self.textLimit ~= $0 ? 4 * $0 : nil } : nil
        }
        guard let width else {
            throw Problem(
                reason: "the type '\(type)', which is not <f8, <f4, <i8 or a short text")
        }
        var count = 1
        for extent in shape {
            let (product, overflow) = count.multipliedReportingOverflow(by: extent)
            guard !overflow else { throw Problem(reason: "a shape that overflows") }
            count = product
        }
        let (byteCount, overflow) = count.multipliedReportingOverflow(by: width)
        // An array without bytes would have any number of elements.
        guard !overflow, byteCount == bytes.count - offset, width > 0 || count <= 1 else {
            throw Problem(
                reason: "\(bytes.count - offset) bytes for the shape \(shape) of '\(type)'")
        }
        content = bytes.withUnsafeBytes { bytes in
            func element<Integer: FixedWidthInteger>(_ index: Int, _: Integer.Type) -> Integer {
                Integer(
                    littleEndian: bytes.loadUnaligned(
                        fromByteOffset: offset + index * MemoryLayout<Integer>.size,
                        as: Integer.self))
            }
            switch type {
            case "<f8":
                return .floats(
                    (0..<count).map { Double(bitPattern: element($0, UInt64.self)) })
            case "<f4":
                return .floats(
                    (0..<count).map { Double(Float(bitPattern: element($0, UInt32.self))) })
            case "<i8": return .integers((0..<count).map { Int(element($0, Int64.self)) })
            default:
                return .texts(
                    (0..<count).map { index in
                        // UTF-32, padded with zeros.
                        var scalars = (0..<width / 4).map {
                            element(index * width / 4 + $0, UInt32.self)
                        }
                        while scalars.last == 0 { scalars.removeLast() }
                        return String(
                            String.UnicodeScalarView(
                                scalars.map { Unicode.Scalar($0) ?? "\u{fffd}" }))
                    })
            }
        }
    }

    struct Problem: Error {
        var reason: String
    }

    /// Maximum length of a text, in Unicode scalars.
    private static let textLimit = 1 << 20

    /// Lends the file's header and data, without copying floats; the pointers must not leave `body`.
    func withBytes<Result, Failure: Error>(
        _ body: ([UnsafeRawBufferPointer]) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        switch content {
        case .floats(let floats): return try lend("<f8", floats, body)
        case .integers(let integers): return try lend("<i8", integers, body)
        case .texts(let texts):
            let scalars = texts.map { $0.unicodeScalars.map(\.value) }
            // NumPy has no texts of length 0.
            let width = max(scalars.map(\.count).max() ?? 0, 1)
            let padded = scalars.flatMap { $0 + Array(repeating: 0, count: width - $0.count) }
            return try lend("<U\(width)", padded, body)
        }
    }

    private func lend<Element, Result, Failure: Error>(
        _ descriptor: String, _ data: [Element],
        _ body: ([UnsafeRawBufferPointer]) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let header = NumPyHeader(
            descriptor: descriptor, isFortranOrder: isFortranOrder, shape: shape)
        return try header.bytes.withUnsafeBufferPointer { (header) throws(Failure) in
            try data.withUnsafeBufferPointer { (data) throws(Failure) in
                try body([UnsafeRawBufferPointer(header), UnsafeRawBufferPointer(data)])
            }
        }
    }
}
