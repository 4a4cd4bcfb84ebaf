import ArgumentParser
import Encoders
import Foundation
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

    @Option(help: "Number of threads, 1 to 1024 (default: one per processor).")
    var threads: Int?

    @Option(
        help: ArgumentHelp(
            "Instructions to compute with (default: the fastest of the processor).",
            valueName: "level"),
        completion: .list(CPULevel.allNames))
    var cpuLevel: String?

    @Option(help: "Clips per batch, 1 to 4096; does not change the results.")
    var batch: Int = 4

    // Without effect: weights are only downloaded by `ganrm models pull`.
    @Flag(help: "Never access the network.")
    var offline = false

    func validate() throws {
        try OptionRange.check("--threads", threads, Encoder.threadCounts)
        try OptionRange.check("--batch", batch, EncodingPipeline.batchSizes)
        guard weights == nil || encoder != nil else {
            throw ValidationError("--weights needs to know what they are: add --encoder NAME")
        }
        guard imageWeights == nil || imageEncoder != nil else {
            throw ValidationError("--image-weights goes with --image-encoder NAME")
        }
        do {
            try chosenCPULevel()?.use()
        } catch {
            throw ValidationError("\(error)")
        }
    }

    /// The CPU level that the option or the environment names; nil leaves the choice to the processor.
    func chosenCPULevel() throws(CPULevelError) -> CPULevel? {
        guard let cpuLevel else { return try CPULevel.ofEnvironment() }
        return try CPULevel(named: cpuLevel)
    }

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
            threadCount: threads ?? ProcessInfo.processInfo.activeProcessorCount)
    }
}

extension EncoderOptions {
    var readFiles: ReadFiles { ReadFiles(files: [encoder, weights, imageEncoder, imageWeights]) }
}
