import Foundation
import TestSupport

/// A reader of bytes from outside, which libFuzzer calls.
///
/// An error that is thrown is a valid answer. A trap, a fault that a sanitizer detects, a time-out,
/// too much memory and a wrong answer (`expect`) are finds.
struct FuzzTarget: Sendable {
    /// Reads an input, which is in an allocation of its exact size.
    typealias Reader = (UnsafeRawBufferPointer) throws -> Void

    /// Also the name of the folder of its finds, `Fuzz/seeds/NAME`.
    let name: String
    /// The paths of the files to start from; generated ones are written to the folder.
    let seeds: @Sendable (TemporaryFolder) throws -> [String]
    /// Prepares what all inputs share, and returns the reader. The folder is in memory if TMPDIR is.
    let open: @Sendable (TemporaryFolder) throws -> Reader

    static let all: [FuzzTarget] = [
        .safetensors, .checkpoint, .pickle, .onnx, .rewardModel, .encoder, .embeddings, .npz,
        .json, .jsonTexts, .multipart, .csv, .vocabulary, .candidates, .list, .rounds, .scoreRows,
        .annotations,
        .store, .storeColumns, .storeImport, .still, .video, .tar, .interface,
    ]
}

/// Ends the process with a message, which libFuzzer reports as a find, if an answer is wrong.
func expect(_ condition: Bool, _ message: @autoclosure () -> String) {
    if !condition { fatalError(message()) }
}

extension Fixture {
    /// The files of a folder of `fixtures` whose names end in one of these.
    static func files(_ folder: String, _ suffixes: String...) throws -> [String] {
        let folder = path(folder)
        return try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
            .filter { name in suffixes.contains { name.hasSuffix($0) } }
            .map { "\(folder)/\($0)" }
    }
}
