import CGANRM
import Scoring

/// A struct of ganrm.h that starts with its own size, so that later versions can append fields.
protocol SizedStruct {
    /// `sizeof` the struct when the caller was compiled, in bytes.
    var size: Int { get set }
    /// The values that the init function sets.
    static var defaults: Self { get }
    /// The name of the C init function.
    static var initFunction: String { get }
    /// The struct's size in the first release, in bytes.
    static var firstSize: Int { get }
}

extension SizedStruct {
    /// The largest plausible size, in bytes. A larger one means that the struct was not
    /// initialised.
    private static var largestSize: Int { 4096 }

    /// Sets the first `size` bytes of a caller's struct to the defaults; bytes beyond the fields
    /// known to this version become 0.
    static func initialize(_ target: UnsafeMutableRawPointer, size: Int) {
        guard size >= MemoryLayout<Int>.size, size <= largestSize else { return }
        target.initializeMemory(as: UInt8.self, repeating: 0, count: size)
        defaults.copy(to: target, size: size)
    }

    /// Copies the value to a caller's initialised struct, up to the size that the caller knows.
    ///
    /// - Throws: `GANRM_ERROR_ARGUMENT` if the struct is not initialised.
    func write(to target: UnsafeMutablePointer<Self>) throws(InterfaceError) {
        let size = try Self.size(of: target)
        copy(to: target, size: size)
    }

    private func copy(to target: UnsafeMutableRawPointer, size: Int) {
        var copy = self
        copy.size = size
        withUnsafeBytes(of: &copy) { bytes in
            target.copyMemory(from: bytes.baseAddress!, byteCount: min(size, bytes.count))
        }
    }

    private static func size(of source: UnsafeRawPointer) throws(InterfaceError) -> Int {
        let size = source.loadUnaligned(as: Int.self)
        guard size >= firstSize, size <= largestSize else {
            throw InterfaceError(
                code: GANRM_ERROR_ARGUMENT, message: "call \(initFunction)() first")
        }
        return size
    }

    /// Reads a caller's struct; fields that the caller does not know get their defaults.
    ///
    /// - Throws: `GANRM_ERROR_ARGUMENT` if the struct is not initialised, or if it sets a field
    ///   unknown to this version.
    init(reading source: UnsafePointer<Self>) throws(InterfaceError) {
        let bytes = UnsafeRawPointer(source)
        let size = try Self.size(of: bytes)
        var value = Self.defaults
        let knownSize = withUnsafeMutableBytes(of: &value) { target in
            let count = min(size, target.count)
            target.copyMemory(from: UnsafeRawBufferPointer(start: bytes, count: count))
            return count
        }
        guard
            (knownSize..<size).allSatisfy({ bytes.load(fromByteOffset: $0, as: UInt8.self) == 0 })
        else {
            throw InterfaceError(
                code: GANRM_ERROR_ARGUMENT,
                message:
                    "the program sets what libganrm \(ganrmVersion) does not know; install a newer one"
            )
        }
        self = value
    }
}

extension ganrm_model_settings: SizedStruct {
    static var defaults: Self { Self() }
    static var initFunction: String { "ganrm_model_settings_init" }
    static var firstSize: Int { 56 }
}

extension ganrm_filter_settings: SizedStruct {
    static var defaults: Self { Self() }
    static var initFunction: String { "ganrm_filter_settings_init" }
    static var firstSize: Int { 40 }
}

extension ganrm_frame: SizedStruct {
    static var defaults: Self {
        var frame = Self()
        frame.matrix = CInt(GANRM_MATRIX_UNKNOWN)
        frame.seconds = .nan
        return frame
    }
    static var initFunction: String { "ganrm_frame_init" }
    static var firstSize: Int { 112 }
}
