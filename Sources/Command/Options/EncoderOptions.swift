import ArgumentParser
import Encoders
import Frames
import ModelCatalogue
import Pipeline
import Scoring

/// Options that select the encoders, their weights and how they run.
struct EncoderOptions: ParsableArguments {
    @Option(
        help: "A name that ganrm models list shows (default: the reward model's encoder).",
        completion: .encoders)
    var encoder: String?

    @Option(
        help: "The encoder's weights: safetensors or a PyTorch checkpoint (default: the cache).",
        completion: .weights)
    var weights: String?

    @Option(help: "Encoder for images, if it is not that for videos.", completion: .encoders)
    var imageEncoder: String?

    @Option(help: "Weights of the encoder for images.", completion: .weights)
    var imageWeights: String?

    @Option(
        help:
            "auto selects bf16 where the processor is fast at it, else f32; int8 is the fastest."
    )
    var precision: PrecisionChoice = .automatic

    @OptionGroup var compute: ComputeOptions

    func validate() throws {
        guard weights == nil || encoder != nil else {
            throw ValidationError("--weights needs to know what they are: add --encoder NAME")
        }
        guard imageWeights == nil || imageEncoder != nil else {
            throw ValidationError("--image-weights goes with --image-encoder NAME")
        }
    }

    /// Clips per batch.
    var batch: Int { compute.batch }

    func chosenCPULevel() throws(CPULevelError) -> CPULevel? { try compute.chosenCPULevel() }

    /// Loads a reward model and prints its warnings.
    func scorer(model: String, isQuiet: Bool = false) throws -> Scorer {
        let scorer = try loading.scorer(model: model)
        for warning in scorer.warnings where !isQuiet {
            Terminal.printMessage("ganrm: warning: \(warning)")
        }
        return scorer
    }

    var loading: ModelLoader {
        var sources: [MediaKind: EncoderSource] = [:]
        if let encoder {
            let source = EncoderSource(name: encoder, weights: weights)
            sources = [.image: source, .video: source]
        }
        if let imageEncoder {
            sources[.image] = EncoderSource(name: imageEncoder, weights: imageWeights)
        }
        return ModelLoader(
            sources: sources, precision: precision,
            threadCount: compute.threadCount)
    }
}

extension EncoderOptions {
    var readFiles: ReadFiles { ReadFiles(files: [encoder, weights, imageEncoder, imageWeights]) }
}
