import Encoders
import Foundation
import Tensors
import TestModels
import TestSupport
import Testing

/// Convolutional nets of real size against their references (`fixtures/encoders/convolution.py`).
@Suite struct ConvolutionalNetTests {
    struct Row: Sendable, CustomTestStringConvertible {
        var architecture: ConvolutionalArchitecture
        var count: Int
        var size: Extent
        /// Of the pixels.
        var scale: Float = 1
        var offset: Float = 0
        var testDescription: String { architecture.rawValue }

        var clips: [PixelClip] {
            let length = 3 * size.count
            let values = SplitMix.numbers(
                "\(architecture.rawValue)/pixels", count: count * length, scale: scale,
                offset: offset)
            return (0..<count).map {
                PixelClip(
                    frameCount: size.frames,
                    elements: Array(values[$0 * length..<($0 + 1) * length]))
            }
        }
    }

    static let rows = [
        Row(architecture: .inceptionV3, count: 2, size: Extent(height: 299, width: 299)),
        Row(architecture: .i3d, count: 1, size: Extent(frames: 16, height: 224, width: 224)),
        Row(architecture: .alexNet, count: 2, size: Extent(height: 70, width: 53)),
        Row(architecture: .vgg16, count: 2, size: Extent(height: 37, width: 45)),
        Row(
            architecture: .openNSFW, count: 3, size: Extent(height: 224, width: 224), scale: 127.5,
            offset: 10),
    ]

    @Test(arguments: rows)
    func `nets match their references`(row: Row) throws {
        let file = try WeightFile.open(Fixture.path("encoders/convolution.safetensors"))
        let net = try ConvolutionalNet(
            row.architecture, weights: ConvolutionalWeights.file(row.architecture),
            threadCount: ProcessInfo.processInfo.activeProcessorCount)
        let outputs = try net.outputs(of: row.clips, size: row.size)
        #expect(
            outputs.map(\.count)
                == Array(repeating: row.architecture.outputChannels.count, count: row.count))
        let name = "golden.\(row.architecture.rawValue)"
        for output in row.architecture.outputChannels.indices {
            let values = outputs.flatMap { $0[output] }
            let error: Double
            if let golden = file.tensors[name] {
                let expected = golden.floats()
                error = relativeError(
                    row.architecture == .openNSFW ? softmax(values) : values, expected)
            } else {
                let expected = try #require(file.tensors["\(name).\(output)"]).floats()
                let kept = stride(from: 0, to: values.count, by: 97).map { values[$0] }
                #expect(kept.count == expected.count)
                error = relativeError(kept, expected)
            }
            print("\(row.architecture.rawValue).\(output): relative error \(error)")
            #expect(error < 1e-5)
        }
    }

    /// Of pairs.
    private func softmax(_ logits: [Float]) -> [Float] {
        stride(from: 0, to: logits.count, by: 2).flatMap { first in
            let probability = 1 / (1 + exp(Double(logits[first] - logits[first + 1])))
            return [Float(1 - probability), Float(probability)]
        }
    }

    @Test(arguments: [ConvolutionalArchitecture.alexNet, .vgg16])
    func `outputs depend neither on the batch nor on threads`(
        architecture: ConvolutionalArchitecture
    ) throws {
        let weights = try ConvolutionalWeights.file(architecture)
        let size = Extent(height: 67, width: 71)
        let clips = Row(architecture: architecture, count: 3, size: size).clips
        let one = try ConvolutionalNet(architecture, weights: weights, threadCount: 1)
        let alone = try clips.map { try one.outputs(of: [$0], size: size)[0] }
        // Another size in between uses the same memory.
        _ = try one.outputs(
            of: Row(architecture: architecture, count: 1, size: Extent(height: 99, width: 40))
                .clips,
            size: Extent(height: 99, width: 40))
        let three = try ConvolutionalNet(architecture, weights: weights, threadCount: 3)
        #expect(try one.outputs(of: clips, size: size) == alone)
        #expect(try three.outputs(of: clips, size: size) == alone)
    }

    @Test func `weights are refused by name`() throws {
        func net(_ change: (inout [String: StoredTensor]) -> Void) throws {
            var tensors = try ConvolutionalWeights.file(.alexNet).tensors
            change(&tensors)
            _ = try ConvolutionalNet(
                .alexNet, weights: WeightFile(name: "changed", tensors: tensors), threadCount: 1)
        }
        // What the net does not use does not matter.
        try net { $0["classifier.1.weight"] = StoredTensor([1 as Float], shape: [1]) }
        #expect(throws: EncoderError.missingTensors(file: "changed", names: ["features.3.bias"])) {
            try net { $0["features.3.bias"] = nil }
        }
        #expect(
            throws: EncoderError.misshapenTensor(
                file: "changed", name: "features.0.bias", shape: [2], expected: [64])
        ) {
            try net { $0["features.0.bias"] = StoredTensor([1 as Float, 2], shape: [2]) }
        }
        #expect(throws: EncoderError.notFinite(file: "changed", names: ["features.0.bias"])) {
            try net {
                $0["features.0.bias"] = StoredTensor(Array(repeating: .nan, count: 64), shape: [64])
            }
        }
    }

    @Test func `an input smaller than a window is refused`() throws {
        let net = try ConvolutionalNet(
            .alexNet, weights: ConvolutionalWeights.file(.alexNet), threadCount: 1)
        for side in [1, 6, 20] {
            let size = Extent(height: side, width: 64)
            #expect(throws: EncoderError.self) {
                try net.outputs(
                    of: Row(architecture: .alexNet, count: 1, size: size).clips, size: size)
            }
        }
    }
}
