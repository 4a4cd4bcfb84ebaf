import CGANRM
import Scoring

/// A struct of ganrm.h that begins with its own size, so that it can grow at its end.
protocol SizedStruct {
    /// What the program that filled it was compiled with.
    var size: Int { get set }
    /// What its init function sets.
    static var defaults: Self { get }
    /// The init function's name.
    static var initFunction: String { get }
    /// Its size in the first release.
    static var firstSize: Int { get }
}

extension SizedStruct {
    /// The largest size that is believed; anything above was never initialised.
    private static var largestSize: Int { 4096 }

    /// Sets the first `size` bytes of a program's struct to their defaults; those that this release does not
    /// know become 0.
    static func initialize(_ target: UnsafeMutableRawPointer, size: Int) {
        guard size >= MemoryLayout<Int>.size, size <= largestSize else { return }
        target.initializeMemory(as: UInt8.self, repeating: 0, count: size)
        defaults.copy(to: target, size: size)
    }

    /// Fills a program's struct that it has initialised.
    ///
    /// - Throws: `GANRM_ERROR_ARGUMENT` if it has not.
    func write(to target: UnsafeMutablePointer<Self>) throws(FilterFailure) {
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

    private static func size(of source: UnsafeRawPointer) throws(FilterFailure) -> Int {
        let size = source.load(as: Int.self)
        guard size >= firstSize, size <= largestSize else {
            throw FilterFailure(
                code: GANRM_ERROR_ARGUMENT, message: "call \(initFunction)() first")
        }
        return size
    }

    /// Reads a program's struct: fields that it does not know have their defaults.
    ///
    /// - Throws: `GANRM_ERROR_ARGUMENT` if it was not initialised, or sets a field that this release does not
    ///   know.
    init(reading source: UnsafePointer<Self>) throws(FilterFailure) {
        let bytes = UnsafeRawPointer(source)
        let size = try Self.size(of: bytes)
        var value = Self.defaults
        let known = withUnsafeMutableBytes(of: &value) { target in
            let count = min(size, target.count)
            target.copyMemory(from: UnsafeRawBufferPointer(start: bytes, count: count))
            return count
        }
        guard (known..<size).allSatisfy({ bytes.load(fromByteOffset: $0, as: UInt8.self) == 0 })
        else {
            throw FilterFailure(
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
