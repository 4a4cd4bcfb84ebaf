/// The format of a weight file, detected from its first bytes.
enum WeightFileFormat: Equatable {
    case safetensors
    case zip
    case legacyPyTorch
    case onnx
    /// A pickle that is none of torch.save's.
    case numPyPickle
    /// An unsupported format; `reason` continues a sentence that starts with the file's name.
    case refused(reason: String)

    init(recognising bytes: UnsafeRawBufferPointer) {
        func starts(with text: StaticString) -> Bool {
            bytes.starts(
                with: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
        }
        let hasHeader = bytes.count > 8 && bytes[8] == UInt8(ascii: "{")
        if hasHeader, bytes[5..<8].allSatisfy({ $0 == 0 }) {
            // Checked first: the header length may start with any of the other signatures.
            self = .safetensors
        } else if starts(with: "PK\u{3}\u{4}") || starts(with: "PK\u{5}\u{6}") {
            self = .zip
        } else if bytes.starts(with: LegacyCheckpoint.magic) {
            self = .legacyPyTorch
        } else if bytes.count > 1, bytes[0] == 0x80, (2...5).contains(bytes[1]) {
            self = .numPyPickle
        } else if starts(with: "version https://git-lfs") {
            self = .refused(
                reason: "is a Git LFS pointer, not the weights; fetch them with: git lfs pull")
        } else if starts(with: "<") {
            self = .refused(reason: "is a web page, not weights; was the download redirected?")
        } else if starts(with: "GGUF") {
            self = .refused(reason: "is a GGUF file; the model's safetensors or .pth is needed")
        } else if starts(with: "\u{1f}") {
            self = .refused(reason: "is compressed; unpack it first with: gunzip")
        } else if hasHeader {
            self = .safetensors
        } else if Onnx.recognises(bytes) {
            self = .onnx
        } else {
            self = .refused(
                reason: "is neither safetensors nor a PyTorch checkpoint nor an ONNX model")
        }
    }
}
