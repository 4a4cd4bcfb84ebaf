public import Tokenizers

/// The text side of an encoder such as CLIP: its architecture, and how it splits texts.
public struct TextTower: Sendable, Hashable, Codable {
    public var configuration: TextTransformerConfiguration
    /// The reference implementation whose tokenizer the model was trained with.
    public var tokenizer: CLIPTokenizer.Variant

    public init(configuration: TextTransformerConfiguration, tokenizer: CLIPTokenizer.Variant) {
        self.configuration = configuration
        self.tokenizer = tokenizer
    }
}
