public import Encoders
import ModelCatalogue
import TextFormats
public import Tokenizers

/// A metric that compares an image or a video with its prompt, by the cosine of the embeddings of a pretrained encoder.
///
/// The variant is part of the name: values of different names are not comparable.
public struct Metric: Sendable, Hashable {
    /// How a cosine becomes a value.
    public enum Scale: Sendable, Hashable {
        /// `factor · cos`; negative cosines count as 0 with `clipsAtZero`.
        case factor(Double, clipsAtZero: Bool)
        /// `exp(logit_scale) · cos`, with the parameter of the model.
        case learned
    }

    /// As in rows and on the command line: `clipscore`, `clip@l14`.
    public let name: String
    /// What it is, in a few words.
    public let summary: String
    /// The reference implementation: repository and file.
    public let source: String
    /// Name of the encoder in the catalogue.
    public let encoder: String
    /// Preprocessing of frames; nil is that of the encoder.
    public let preprocessing: Preprocessing?
    /// How prompts are split; nil is the way of the encoder.
    public let tokenizer: CLIPTokenizer.Variant?
    /// What prompts begin with.
    public let prefix: String
    public let scale: Scale

    package init(
        _ name: String, _ summary: String, source: String, encoder: String,
        preprocessing: Preprocessing? = nil,
        tokenizer: CLIPTokenizer.Variant? = nil, prefix: String = "", scale: Scale
    ) {
        self.name = name
        self.summary = summary
        self.source = source
        self.encoder = encoder
        self.preprocessing = preprocessing
        self.tokenizer = tokenizer
        self.prefix = prefix
        self.scale = scale
    }

    /// The metric with this name.
    ///
    /// - Throws: `MetricError.unknownMetric` with the most similar names.
    public static func named(_ name: String) throws(MetricError) -> Metric {
        if let metric = all.first(where: { $0.name == name }) { return metric }
        throw .unknownMetric(
            name: name, similar: NameSuggestions.names(like: name, among: all.map(\.name)))
    }

    /// Whether both have the same embeddings of images and videos.
    func sharesModel(with other: Metric) -> Bool {
        encoder == other.encoder && preprocessing == other.preprocessing
    }

    /// The value for a cosine.
    func value(ofCosine cosine: Double, logitScale: Double) -> Double {
        switch scale {
        case .factor(let factor, let clipsAtZero): factor * (clipsAtZero ? max(cosine, 0) : cosine)
        case .learned: logitScale * cosine
        }
    }
}

extension Metric {
    /// All metrics, in the order of `ganrm metrics list`.
    public static let all: [Metric] = [
        Metric(
            "clipscore", "CLIPScore, 2.5 · max(cos, 0), of \"A photo depicts \" and the prompt",
            source: "jmhessel/clipscore, clipscore.py", encoder: "clip-vit-base-patch32",
            preprocessing: openAIPreprocessing, tokenizer: .openAI, prefix: "A photo depicts ",
            scale: .factor(2.5, clipsAtZero: true)),
        clip("clip@b32", "clip-vit-base-patch32"),
        clip("clip@b16", "clip-vit-base-patch16"),
        clip("clip@l14", "clip-vit-large-patch14"),
        clip("clip@l14-336", "clip-vit-large-patch14-336"),
        Metric(
            "clip@h14", "100 · cos, with the weights of LAION-2B",
            source: "Visualignment/SafetyDPO, test.py", encoder: "clip-vit-huge-patch14-laion2b",
            preprocessing: openAIPreprocessing, tokenizer: .openCLIP,
            scale: .factor(100, clipsAtZero: false)),
        Metric(
            "pickscore", "PickScore, exp(logit_scale) · cos",
            source: "yuvalkirstain/PickScore, README.md",
            encoder: "pickscore-v1", tokenizer: .huggingFace, scale: .learned),
        hps("hps@2.0", "hps-v2.0"),
        hps("hps@2.1", "hps-v2.1"),
        Metric(
            "overall_consistency", "VBench's, cos of ViCLIP, of a whole video and its prompt",
            source: "Vchitect/VBench, vbench/overall_consistency.py",
            encoder: "viclip-large-patch14-vbench",
            tokenizer: .openAI, scale: .factor(1, clipsAtZero: false)),
        Metric(
            "temporal_style", "VBench's, the same, with prompts that name a style of motion",
            source: "Vchitect/VBench, vbench/temporal_style.py",
            encoder: "viclip-large-patch14-vbench",
            tokenizer: .openAI, scale: .factor(1, clipsAtZero: false)),
    ]

    /// HPS v2, whose benchmark reports 100 times these values.
    private static func hps(_ name: String, _ encoder: String) -> Metric {
        Metric(
            name, "Human Preference Score v2, cos, with the weights of \(encoder.dropFirst(4))",
            source: "tgxs002/HPSv2, hpsv2/img_score.py", encoder: encoder, tokenizer: .openCLIP,
            scale: .factor(1, clipsAtZero: false))
    }

    /// torchmetrics' CLIP score, with one of OpenAI's models.
    private static func clip(_ name: String, _ encoder: String) -> Metric {
        Metric(
            name, "CLIP score, 100 · cos",
            source: "Lightning-AI/torchmetrics, functional/multimodal/clip_score.py",
            encoder: encoder, tokenizer: .huggingFace, scale: .factor(100, clipsAtZero: false))
    }

    /// OpenAI's transform crops with torchvision, which rounds an odd margin half to even.
    private static let openAIPreprocessing: Preprocessing = {
        guard let entry = try? Catalogue.entry(named: "clip-vit-base-patch32") else {
            preconditionFailure("the catalogue has CLIP-B/32")
        }
        var preprocessing = entry.preprocessing
        preprocessing.cropOffset = .halfToEven
        return preprocessing
    }()
}
