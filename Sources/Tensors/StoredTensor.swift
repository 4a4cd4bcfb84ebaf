/// A tensor as it lies in a weight file: nothing is read or converted before it is asked for.
///
/// The bytes stay mapped as long as any value of this type lives.
public struct StoredTensor: Sendable {
    /// The length of each axis; `[]` is a scalar.
    public let shape: [Int]
    public let elementType: ElementType

    /// The file, or an anonymous buffer, that holds the bytes.
    package let storage: ByteStorage
    /// Where in `storage` the elements stand: row-major, little-endian, contiguous.
    package let range: Range<Int>

    /// - Precondition: `range` lies inside `storage` and is as long as shape and type demand.
    package init(
        shape: [Int], elementType: ElementType, storage: ByteStorage, range: Range<Int>
    ) {
        precondition(range.count == shape.reduce(elementType.byteCount, *))
        precondition(range.lowerBound >= 0 && range.upperBound <= storage.count)
        self.shape = shape
        self.elementType = elementType
        self.storage = storage
        self.range = range
    }

    /// Copies numbers.
    package init(_ floats: [Float], shape: [Int]) {
        let storage = floats.withUnsafeBytes(ByteStorage.init(copying:))
        self.init(shape: shape, elementType: .f32, storage: storage, range: 0..<storage.count)
    }

    public var elementCount: Int { shape.reduce(1, *) }

    /// Lets the system have the memory of the bytes, which are read from the file when they are needed again.
    package func dropPages() { storage.dropPages(range) }

    /// Lends the raw bytes, which need not be aligned; the pointer must not leave `body`.
    public func withBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try storage.withBytes { (bytes) throws(Failure) in
            try body(UnsafeRawBufferPointer(rebasing: bytes[range]))
        }
    }

    /// The elements as `Float`, converted if they are stored otherwise (F64 is rounded).
    ///
    /// The bytes do not stay in memory beside their copy.
    public func floats() -> [Float] {
        defer { dropPages() }
        return withBytes { bytes in
            func load<Stored>(_: Stored.Type, _ convert: (Stored) -> Float) -> [Float] {
                [Float](unsafeUninitializedCapacity: elementCount) { floats, count in
                    for i in 0..<elementCount {
                        floats[i] = convert(
                            bytes.loadUnaligned(
                                fromByteOffset: i * MemoryLayout<Stored>.stride, as: Stored.self))
                    }
                    count = elementCount
                }
            }
            return switch elementType {
            case .f64: load(Double.self) { Float($0) }
            case .f32: load(Float.self) { $0 }
            case .f16: load(UInt16.self) { Float(halfBits: $0) }
            case .bf16: load(UInt16.self) { Float(bitPattern: UInt32($0) << 16) }
            case .i64: load(Int64.self) { Float($0) }
            case .i32: load(Int32.self) { Float($0) }
            case .i16: load(Int16.self) { Float($0) }
            case .i8: load(Int8.self) { Float($0) }
            case .u8, .bool: load(UInt8.self) { Float($0) }
            }
        }
    }

    /// Lends the elements as `Float`: those of the file if they are stored as such, else a copy. The pointer must not
    /// leave `body`, after which no bytes stay in memory.
    package func withFloats<Result>(_ body: (UnsafeBufferPointer<Float>) -> Result) -> Result {
        defer { dropPages() }
        return withBytes { bytes in
            let isAligned = UInt(bitPattern: bytes.baseAddress).isMultiple(of: 4)
            guard elementType == .f32, isAligned else {
                return floats().withUnsafeBufferPointer(body)
            }
            return body(bytes.assumingMemoryBound(to: Float.self))
        }
    }

    /// The elements as a dense tensor of `Float`.
    public func tensor() -> Tensor {
        Tensor(shape: shape, elements: floats())
    }
}
