import Encoders
import Files
import Foundation
import Frames
import Pipeline
import Reward
import Scoring
import Tensors
import TestModels
import TestSupport

/// Weight files and what is made of them.
extension FuzzTarget {
    static let safetensors = FuzzTarget(name: "safetensors") { folder in
        try Fixture.files("tensors", ".safetensors")
    } open: { _ in
        readWeights
    }

    /// A PyTorch checkpoint, which is a zip archive, or an array of NumPy.
    static let checkpoint = FuzzTarget(name: "checkpoint") { folder in
        try Fixture.files("tensors", ".pth", ".pt", ".pkl")
    } open: { _ in
        readWeights
    }

    static let onnx = FuzzTarget(name: "onnx") { folder in
        try Fixture.files("tensors", ".onnx")
    } open: { _ in
        readWeights
    }

    /// The pickle of a checkpoint, in an archive that is valid.
    static let pickle = FuzzTarget(name: "pickle") { folder in
        try Fixture.files("tensors", ".pth").compactMap { path in
            guard let archive = try? ZipArchive(path: path),
                let name = archive.names.first(where: { $0.hasSuffix("/data.pkl") }),
                let member = archive[name]
            else { return nil }
            var pickle: [UInt8] = []
            try archive.extract(member, failing: { $0 }) { (chunk) throws(TensorError) in
                pickle += chunk
            }
            return try folder.write(
                pickle, to: URL(fileURLWithPath: path).lastPathComponent + ".pkl")
        } + Fixture.files("tensors", ".pkl")
    } open: { _ in
        let elements = Data(0..<240)
        return { bytes in
            let members = [("x/data.pkl", Data(bytes))] + (0..<4).map { ("x/data/\($0)", elements) }
            try storedArchive(members).withUnsafeBytes(readWeights)
        }
    }

    /// A reward model: tensors and a record in JSON.
    static let rewardModel = FuzzTarget(name: "reward-model") { folder in
        let tiny = try TinyModel()
        let head = URL(fileURLWithPath: try tiny.untrainedHead())
        return try withExtendedLifetime(tiny) {
            [
                try folder.write(Data(contentsOf: head), to: "untrained.safetensors"),
                Fixture.path("training/head.safetensors"),
            ]
        }
    } open: { folder in
        { bytes in
            let model = try RewardModel.load(try folder.write(bytes, to: "head.safetensors"))
            let score = model.score(of: Array(repeating: 0.5, count: model.ensemble.width))
            _ = model.unfamiliarity(of: score)
            _ = model.reference?.probability(of: score.logit)
            try model.write(to: folder.path("written.safetensors"))
            let copy = try RewardModel.load(folder.path("written.safetensors"))
            expect(copy.fingerprint == model.fingerprint, "another model is written")
        }
    }

    /// The JSON description of an encoder.
    static let encoder = FuzzTarget(name: "encoder") { folder in
        let tiny = try TinyModel()
        return try withExtendedLifetime(tiny) {
            [try folder.write(tiny.folder.text("tiny.json"), to: "seed.json")]
        }
    } open: { folder in
        let tiny = try TinyModel()
        return { bytes in
            let path = try folder.write(bytes, to: "encoder.json")
            let source = EncoderSource(name: path, weights: tiny.weights)
            let loader = ModelLoader(
                sources: [.image: source, .video: source], precision: .f32, threadCount: 1)
            _ = try withExtendedLifetime(tiny) {
                try loader.encoders().encoder(for: .video).identity
            }
        }
    }

    /// A file of `ganrm encode`.
    static let embeddings = FuzzTarget(name: "embeddings") { folder in
        let path = folder.path("seed.safetensors")
        try exampleEmbeddings().write(to: path)
        return [path]
    } open: { folder in
        { bytes in
            let set = try EmbeddingSet(path: try folder.write(bytes, to: "set.safetensors"))
            expect(set.contents.count == set.inputs.count, "rows without inputs")
            for row in set.inputs { _ = SampleOrigin(row: row) }
            try set.write(to: folder.path("written.safetensors"))
            _ = try EmbeddingSet(path: folder.path("written.safetensors"))
        }
    }
}

/// Opens a weight file in memory and reads all of its tensors.
@Sendable private func readWeights(_ bytes: UnsafeRawBufferPointer) throws {
    guard let storage = ByteStorage(copying: bytes) else { return }
    let file = try WeightFile.read(storage, path: "fuzz")
    var total = 0
    for (_, tensor) in file.tensors.sorted(by: { $0.key < $1.key }) {
        total += tensor.range.count
        // Tensors of a checkpoint may share their storage, so that all of them are larger than it.
        if total > 1 << 20 { return }
        let elements = tensor.tensor().elements
        expect(elements.count == tensor.elementCount, "elements are missing")
        if tensor.shape.count == 2 { _ = tensor.withFloats { $0.reduce(0, +) } }
    }
}
