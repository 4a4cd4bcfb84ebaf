internal import Files

/// Arrays by name in a zip archive, as `numpy.savez` and `numpy.savez_compressed` write them (`.npz`).
///
/// Files come from strangers: no array is larger than the caller allows, compressed ones not than
/// `ZipArchive` allows, and Python's objects are not read.
package struct NumPyArchive: Sendable {
    private let archive: ZipArchive

    /// Names of the arrays, sorted; members of other formats are left out.
    package var names: [String] {
        archive.names.filter { $0.hasSuffix(Self.suffix) }
            .map { String($0.dropLast(Self.suffix.count)) }
    }

    private static let suffix = ".npy"

    /// - Throws: `TensorError.file`, or `.malformed` if the file is no zip archive.
    package init(path: String) throws(TensorError) {
        archive = try ZipArchive(path: path)
    }

    package init(_ storage: ByteStorage, path: String) throws(TensorError) {
        archive = try ZipArchive(storage, path: path)
    }

    /// Reads an array; nil if there is none of this name.
    ///
    /// - Parameter limit: Maximum length of the array's data, in bytes.
    /// - Throws: `TensorError.malformed`, `.outOfMemory`.
    package func array(_ name: String, limit: Int) throws(TensorError) -> NumPyArray? {
        guard let member = archive[name + Self.suffix] else { return nil }
        func malformed(_ reason: String) -> TensorError {
            .malformed(path: archive.path, location: "array '\(name)'", reason: reason)
        }
        // Magic, version and the length of the header come before it.
        guard member.byteCount <= limit + NumPyHeader.limit + 12 else {
            throw malformed("\(member.byteCount) bytes, more than the \(limit) that it may have")
        }
        // The bytes, and the elements that are made of them: at most twice as long.
        guard Memory.isAvailable(Checked.product(3, member.byteCount)) else {
            throw .outOfMemory(path: archive.path)
        }
        var bytes: [UInt8] = []
        // A stored member is as long as it says; a compressed one may be shorter.
        if member.method == .stored { bytes.reserveCapacity(member.byteCount) }
        try archive.extract(member, failing: { $0 }) { (chunk) throws(TensorError) in
            bytes += chunk
        }
        do throws(NumPyArray.Problem) {
            return try NumPyArray(bytes)
        } catch {
            throw malformed(error.reason)
        }
    }

    /// Writes arrays in this order, atomically. NumPy reads them with `numpy.load`.
    ///
    /// The output is deterministic.
    ///
    /// - Precondition: The arrays have less than 4 GiB together.
    /// - Throws: `TensorError.file`.
    package static func write(
        _ arrays: [(name: String, array: NumPyArray)], to path: String
    ) throws(TensorError) {
        try ZipWriter.write(to: path, failing: TensorError.file) {
            (writer: inout ZipWriter<TensorError>) throws(TensorError) in
            for (name, array) in arrays {
                try array.withBytes { (parts) throws(TensorError) in
                    try writer.append(name + suffix, parts)
                }
            }
        }
    }
}
