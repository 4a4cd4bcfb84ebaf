import Files
import Foundation
import Tensors
import TestSupport

/// Path of a weight file written by `fixtures/tensors/make.py`.
func golden(_ name: String) -> String { Fixture.path("tensors/\(name)") }

/// Calls `body` with the path of a temporary file with these contents.
func withFile<Result>(_ bytes: Data, _ body: (String) throws -> Result) throws -> Result {
    let folder = try TemporaryFolder()
    defer { withExtendedLifetime(folder) {} }
    return try body(folder.write(bytes, to: "file"))
}

/// Opens bytes as a weight file. The temporary file is removed, its memory mapping stays valid.
func openWeights(_ bytes: Data) throws -> WeightFile {
    try withFile(bytes) { try WeightFile.open($0) }
}

/// The error message without the file's path, or nil if the bytes are accepted.
func refusal(of bytes: Data) throws -> String? {
    do {
        _ = try openWeights(bytes)
        return nil
    } catch let error as TensorError {
        switch error {
        case .malformed(_, let location, let reason): return "\(location): \(reason)"
        case .unknownContainer(_, let reason): return reason
        case .outOfMemory: return "out of memory"
        case .forbiddenGlobal(_, let global): return global
        case .file(let error): return error.reason
        }
    }
}

/// A safetensors file with this header and `body` zero bytes of data.
func safetensors(_ header: String, body: Int = 0) -> Data {
    var file = withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { Data($0) }
    file.append(contentsOf: header.utf8)
    file.append(Data(count: body))
    return file
}

/// A checkpoint with this pickle, whose scalars are bytes, and a storage of 16 zero bytes.
func checkpoint(_ pickle: String) -> Data {
    storedArchive([
        ("tiny/data.pkl", Data([0x80, 2]) + latin1(Data(pickle.utf8))),
        ("tiny/data/0", Data(count: 16)),
    ])
}

/// Re-encodes UTF-8 as Latin-1: strings of pickles give each byte as a scalar, and UTF-8 encodes
/// scalars from U+0080 as two bytes.
func latin1(_ utf8: Data) -> Data {
    var bytes = Data()
    var rest = utf8[...]
    while let byte = rest.popFirst() {
        if byte & 0xfc == 0xc0, let next = rest.first, next & 0xc0 == 0x80 {
            rest.removeFirst()
            bytes.append((byte & 3) << 6 | next & 0x3f)
        } else {
            bytes.append(byte)
        }
    }
    return bytes
}
