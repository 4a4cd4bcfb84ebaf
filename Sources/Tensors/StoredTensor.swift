/// A tensor in a weight file, which is read and converted lazily.
///
/// The bytes stay mapped during the lifetime of values of this type.
public struct StoredTensor: Sendable {
    /// Size of each dimension; `[]` is a scalar.
    public let shape: [Int]
    public let dtype: DType

    /// The file or buffer with the bytes.
    package let storage: ByteStorage
    /// Byte range of the elements in `storage`: row-major, little-endian, contiguous.
    package let range: Range<Int>

    /// - Precondition: `range` is within `storage` and has the size that shape and dtype require.
    package init(
        shape: [Int], dtype: DType, storage: ByteStorage, range: Range<Int>
    ) {
        precondition(range.count == shape.reduce(dtype.byteCount, *))
        precondition(range.lowerBound >= 0 && range.upperBound <= storage.count)
        self.shape = shape
        self.dtype = dtype
        self.storage = storage
        self.range = range
    }

    /// Copies `floats`, row-major.
    package init(_ floats: [Float], shape: [Int]) {
        self.init(copying: floats, shape: shape, dtype: .f32)
    }

    /// Copies `integers`, row-major.
    package init(_ integers: [Int32], shape: [Int]) {
        self.init(copying: integers, shape: shape, dtype: .i32)
    }

    private init<Element>(copying elements: [Element], shape: [Int], dtype: DType) {
        guard let storage = elements.withUnsafeBytes(ByteStorage.init(copying:)) else {
            fatalError("out of memory")
        }
        self.init(shape: shape, dtype: dtype, storage: storage, range: 0..<storage.count)
    }

    public var elementCount: Int { shape.reduce(1, *) }

    /// Releases the memory of the bytes, which are read from the file again on the next access.
    package func dropPages() { storage.dropPages(range) }

    /// Lends the raw bytes, which may be unaligned; the pointer must not leave `body`.
    public func withBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try storage.withBytes { (bytes) throws(Failure) in
            try body(UnsafeRawBufferPointer(rebasing: bytes[range]))
        }
    }

    /// The elements converted to `Float` (F64 is rounded), row-major.
    ///
    /// The mapped pages are released afterwards, so that memory holds only the copy.
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
            return switch dtype {
            case .f64: load(Double.self) { Float($0) }
            case .f32: load(Float.self) { $0 }
            case .f16: load(UInt16.self) { Float(float16Bits: $0) }
            case .bf16: load(UInt16.self) { Float(bitPattern: UInt32($0) << 16) }
            case .i64: load(Int64.self) { Float($0) }
            case .i32: load(Int32.self) { Float($0) }
            case .i16: load(Int16.self) { Float($0) }
            case .i8: load(Int8.self) { Float($0) }
            case .u8, .bool: load(UInt8.self) { Float($0) }
            }
        }
    }

    /// Lends the elements as `Float`: directly from the file if they are aligned F32, else a
    /// converted copy. The pointer must not leave `body`. The mapped pages are released afterwards.
    package func withFloats<Result>(_ body: (UnsafeBufferPointer<Float>) -> Result) -> Result {
        defer { dropPages() }
        return withBytes { bytes in
            let isAligned = UInt(bitPattern: bytes.baseAddress).isMultiple(of: 4)
            guard dtype == .f32, isAligned else {
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
