import Foundation
import Tensors
import TestSupport
import Testing

/// Damaged copies of good files: each is read or refused with a `TensorError`, and none traps.
@Suite struct HostileFileTests {
    static let files = [
        "training.pth", "plain.pth", "script.pt", "dinov2.onnx", "training.safetensors",
    ]

    @Test(arguments: files)
    func `a file cut off anywhere is refused`(name: String) throws {
        let whole = try Data(contentsOf: URL(fileURLWithPath: golden(name)))
        for count in stride(from: 1, to: whole.count, by: max(1, whole.count / 400)) {
            let found = try refusal(of: whole.prefix(count))
            // A protocol buffer may end after any field, so a cut model can be a smaller one.
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
                let place = Int.random(in: 0..<damaged.count, using: &random)
                damaged[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
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
            let place = Int.random(in: 0..<damaged.count - word.count, using: &random)
            damaged.replaceSubrange(place..<place + word.count, with: word)
            try readAll(damaged)
        }
    }

    /// Reads every number; anything but a `TensorError` fails the test.
    private func readAll(_ bytes: Data) throws {
        do {
            for tensor in try openWeights(bytes).tensors.values { _ = tensor.floats() }
        } catch is TensorError {}
    }
}
