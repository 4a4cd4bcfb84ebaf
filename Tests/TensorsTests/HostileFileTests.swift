import Foundation
import Tensors
import Testing
import TestSupport

/// Damaged copies of valid files: each is read or refused with a `TensorError`, and none traps.
@Suite struct HostileFileTests {
    static let files = [
        "training.pth", "plain.pth", "legacy.pth", "script.pt", "dinov2.onnx",
        "training.safetensors", "array-2.pkl", "array-3.pkl", "array-fortran-5.pkl",
    ]

    @Test(arguments: files)
    func `a file truncated at any offset is refused`(name: String) throws {
        let whole = try Data(contentsOf: URL(fileURLWithPath: golden(name)))
        for count in stride(from: 1, to: whole.count, by: max(1, whole.count / 400)) {
            let found = try refusal(of: whole.prefix(count))
            // A protocol buffer may end after any field, so a truncated model can be a valid one.
            if !name.hasSuffix(".onnx") { #expect(found != nil, "accepted after \(count) bytes") }
        }
    }

    @Test(arguments: files)
    func `flipped bits never trap`(name: String) throws {
        let whole = try Data(contentsOf: URL(fileURLWithPath: golden(name)))
        var random = SplitMix(state: 3)
        for _ in 0..<1500 {
            var damaged = whole
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let offset = Int.random(in: 0..<damaged.count, using: &random)
                damaged[offset] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            }
            try readAll(damaged)
        }
    }

    @Test(arguments: files)
    func `overwritten words never trap`(name: String) throws {
        let whole = try Data(contentsOf: URL(fileURLWithPath: golden(name)))
        var random = SplitMix(state: 5)
        let words: [[UInt8]] = [
            [0xff, 0xff, 0xff, 0xff], [0xff, 0xff, 0xff, 0x7f], [0, 0, 0, 0x80], [0, 0, 0, 0],
            [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f],
        ]
        for _ in 0..<1000 {
            var damaged = whole
            let word = words[Int.random(in: 0..<words.count, using: &random)]
            let offset = Int.random(in: 0..<damaged.count - word.count, using: &random)
            damaged.replaceSubrange(offset..<offset + word.count, with: word)
            try readAll(damaged)
        }
    }

    /// Reads every value; any error other than a `TensorError` fails the test.
    private func readAll(_ bytes: Data) throws {
        do {
            for tensor in try openWeights(bytes).tensors.values { _ = tensor.floats() }
        } catch is TensorError {}
    }
}
