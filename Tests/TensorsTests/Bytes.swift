import Foundation
import Tensors
import TestSupport

/// A committed golden file; `Golden/make.py` writes them with PyTorch.
func golden(_ name: String) -> String {
    URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("Golden/\(name)").path
}

/// Lends a temporary file of these bytes.
func withFile<Result>(_ bytes: Data, _ body: (String) throws -> Result) throws -> Result {
    let folder = try TemporaryFolder()
    defer { withExtendedLifetime(folder) {} }
    return try body(folder.write(bytes, to: "file"))
}

/// Opens bytes as a weight file; the file is removed again, its mapping stays.
func openWeights(_ bytes: Data) throws -> WeightFile {
    try withFile(bytes) { try WeightFile.open($0) }
}

/// The refusal's sentence without the file's path, or nil if the bytes are accepted.
func refusal(of bytes: Data) throws -> String? {
    do {
        _ = try openWeights(bytes)
        return nil
    } catch let error as TensorError {
        switch error {
        case .malformed(_, let place, let reason): return "\(place): \(reason)"
        case .unknownContainer(_, let reason): return reason
        case .refusedGlobal(_, let global): return global
        case .unreadable(_, let reason), .unwritable(_, let reason): return reason
        }
    }
}

/// A safetensors file of this header and body.
func safetensors(_ header: String, body: Int = 0) -> Data {
    var file = withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { Data($0) }
    file.append(contentsOf: header.utf8)
    file.append(Data(count: body))
    return file
}
