import ArgumentParser
import ModelCatalogue

/// What shells complete values with. Options whose type lists its values need none of these.
extension CompletionKind {
    /// Names of the catalogue.
    static var encoders: CompletionKind { .list(Catalogue.entries.map(\.name)) }
    static var rewardModels: CompletionKind { .file(extensions: ["safetensors"]) }
    static var weights: CompletionKind {
        .file(extensions: ["safetensors", "pth", "pt", "bin", "ckpt"])
    }
    static var weightsAndWheels: CompletionKind {
        .file(extensions: ["safetensors", "pth", "pt", "bin", "ckpt", "onnx", "whl"])
    }
    /// Files of JSON lines.
    static var rows: CompletionKind { .file(extensions: ["jsonl"]) }
    static var yaml: CompletionKind { .file(extensions: ["yaml", "yml"]) }
    static var store: CompletionKind { .file(extensions: ["sqlite"]) }
    /// Files and folders of any kind.
    static var paths: CompletionKind { .file() }
}
