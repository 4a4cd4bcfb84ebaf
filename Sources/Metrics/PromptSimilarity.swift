public import Tokenizers

/// A value from the cosine of the embeddings of an image or a video and of its prompt.
public struct PromptSimilarity: Sendable, Hashable {
    /// How a cosine becomes a value.
    public enum Scale: Sendable, Hashable {
        /// `factor · cos`; negative cosines count as 0 with `clipsAtZero`.
        case factor(Double, clipsAtZero: Bool)
        /// `exp(logit_scale) · cos`, with the parameter of the model.
        case learned
    }

    /// How prompts are split; nil is the way of the encoder.
    public var tokenizer: CLIPTokenizer.Variant?
    /// What prompts begin with.
    public var prefix: String
    public var scale: Scale

    /// The value for a cosine.
    func value(ofCosine cosine: Double, logitScale: Double) -> Double {
        switch scale {
        case .factor(let factor, let clipsAtZero): factor * (clipsAtZero ? max(cosine, 0) : cosine)
        case .learned: logitScale * cosine
        }
    }
}
