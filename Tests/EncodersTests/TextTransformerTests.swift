import Encoders
import Foundation
import Tensors
import Testing
import TestSupport

/// Text transformers and projections, compared with the references; values by `fixtures/encoders/text.py`.
@Suite(.serialized) struct TextTransformerTests {
    /// A small model with committed weights.
    struct Row: Sendable, CustomTestStringConvertible {
        var name: String
        var text: TextTransformerConfiguration
        /// Nil if the file has no vision transformer.
        var vision: VisionTransformerConfiguration?

        var testDescription: String { name }

        func file() throws -> WeightFile {
            try WeightFile.open(Fixture.path("encoders/\(name).safetensors"))
        }
    }

    static let rows = [
        Row(
            name: "tiny-text-hugging-face",
            text: .init(width: 48, layers: 3, heads: 3, vocabularyCount: 530, embeddingWidth: 40),
            vision: .init(
                imageSize: 35, patchSize: 7, width: 64, layers: 2, heads: 2, hiddenWidth: 128)),
        Row(
            name: "tiny-text-open-clip",
            text: .init(
                width: 160, layers: 1, heads: 2, hiddenWidth: 160, activation: .gelu,
                vocabularyCount: 530,
                embeddingWidth: 24),
            vision: .init(
                imageSize: 35, patchSize: 7, width: 160, layers: 1, heads: 2, hiddenWidth: 160,
                activation: .gelu)),
        Row(
            name: "tiny-text-viclip",
            text: .init(
                width: 64, layers: 2, heads: 1, contextLength: 32, vocabularyCount: 530,
                embeddingWidth: 32)),
    ]

    @Test(arguments: rows, Precision.allCases)
    func `texts are embedded as by the reference`(row: Row, precision: Precision) throws {
        let file = try row.file()
        let transformer = try TextTransformer(
            configuration: row.text, weights: file.weights, precision: precision, threadCount: 2)
        let embeddings = try transformer.embed(try file.texts())
        for (embedding, expected) in zip(embeddings, try file.rows("golden.text")) {
            expect(embedding, expected, precision)
        }
    }

    @Test(arguments: rows.filter { $0.vision != nil }, Precision.allCases)
    func `images are projected as by the reference`(row: Row, precision: Precision) throws {
        let file = try row.file()
        let configuration = try #require(row.vision)
        let transformer = try VisionTransformer(
            configuration: configuration, weights: file.weights, precision: precision,
            threadCount: 2)
        let projection = try EmbeddingProjection(
            vision: configuration, embeddingWidth: row.text.embeddingWidth, weights: file.weights)
        let pixels = try file.rows("pixels.image").map { PixelClip(frameCount: 1, elements: $0) }
        let embeddings = projection.embeddings(of: try transformer.embed(pixels).map(\.cls))
        for (embedding, expected) in zip(embeddings, try file.rows("golden.image")) {
            expect(embedding, expected, precision)
        }
    }

    @Test(arguments: Precision.allCases)
    func `a text's embedding has the same bits in any batch and with any number of threads`(
        precision: Precision
    ) throws {
        let row = Self.rows[0]
        let file = try row.file()
        let texts = try file.texts()
        func embeddings(_ texts: [[Int32]], threads: Int) throws -> [[Float]] {
            try TextTransformer(
                configuration: row.text, weights: file.weights, precision: precision,
                threadCount: threads
            ).embed(texts)
        }
        let expected = try texts.flatMap { try embeddings([$0], threads: 1) }
        #expect(try embeddings(texts, threads: 3) == expected)
        let many = (0..<300).map { texts[$0 % texts.count] }
        #expect(try embeddings(many, threads: 2) == (0..<300).map { expected[$0 % texts.count] })
    }

    @Test func `symbols behind the end have no effect`() throws {
        let row = Self.rows[0]
        let file = try row.file()
        let transformer = try TextTransformer(
            configuration: row.text, weights: file.weights, precision: .f32, threadCount: 1)
        let text = try #require(try file.texts().last)
        #expect(try transformer.embed([text + [5, 529, 7]]) == transformer.embed([text]))
        #expect(try transformer.embed([text.dropLast() + [5, 529]]) != transformer.embed([text]))
    }

    @Test func `texts that are none are refused`() throws {
        let row = Self.rows[0]
        let transformer = try TextTransformer(
            configuration: row.text, weights: row.file().weights, precision: .f32, threadCount: 1)
        for text: [Int32] in [[], Array(repeating: 1, count: 78), [528, 530], [528, -1, 529]] {
            #expect(throws: EncoderError.self) { try transformer.embed([text]) }
        }
        #expect(try transformer.embed([]).isEmpty)
    }

    @Test func `weights of another model are refused`() throws {
        let file = try Self.rows[0].file().weights
        var configuration = Self.rows[0].text
        configuration.layers = 2
        #expect(throws: EncoderError.self) { try TransformerWeights(file, text: configuration) }
        configuration.layers = 4
        #expect(throws: EncoderError.self) { try TransformerWeights(file, text: configuration) }
        configuration = Self.rows[0].text
        configuration.contextLength = 513
        #expect(throws: EncoderError.self) {
            try TextTransformer(
                configuration: configuration, weights: file, precision: .f32, threadCount: 1)
        }
        let vision = try EmbeddingGolden("tiny-clip").weights
        #expect(throws: EncoderError.noTextTransformer(file: "tiny-clip")) {
            try TransformerWeights(vision, text: Self.rows[0].text)
        }
    }

    // MARK: Real size

    /// A text transformer of real size; weights are generated.
    struct FullText: Sendable, CustomTestStringConvertible {
        var name: String
        var configuration: TextTransformerConfiguration
        var testDescription: String { name }
    }

    static let fullTexts = [
        FullText(
            name: "clip-vit-base-patch32",
            configuration: .init(width: 512, heads: 8, embeddingWidth: 512)),
        FullText(
            name: "clip-vit-large-patch14",
            configuration: .init(width: 768, heads: 12, embeddingWidth: 768)),
        FullText(
            name: "clip-vit-huge-patch14",
            configuration: .init(
                width: 1024, layers: 24, heads: 16, activation: .gelu, embeddingWidth: 1024)),
    ]

    @Test(arguments: fullTexts)
    func `text transformers of real size match the reference`(row: FullText) throws {
        let weights = RandomModel.weights(row.configuration, label: row.name)
        let texts = [77, 20, 9].enumerated().map { text, length in
            var ids = SplitMix.numbers(
                "\(row.name)/symbols/\(text)", count: length, scale: 0.5, offset: 0.5
            )
            .map { Int32((Double($0) * 49406).rounded(.down)) }
            (ids[0], ids[length - 1]) = (49406, 49407)
            return ids
        }
        let expected = try WeightFile.open(Fixture.path("encoders/full-text.safetensors"))
            .rows("golden.text.\(row.name)")
        for precision in Precision.allCases {
            let transformer = try TextTransformer(
                configuration: row.configuration, weights: weights, precision: precision,
                threadCount: ProcessInfo.processInfo.activeProcessorCount)
            for (embedding, expected) in zip(try transformer.embed(texts), expected) {
                expect(embedding, expected, precision)
                print(
                    "\(row.name) text \(precision.rawValue): relative error \(relativeError(embedding, expected))"
                )
            }
        }
    }

    /// A vision transformer of real size with its projection; weights are generated.
    struct FullVision: Sendable, CustomTestStringConvertible {
        var name: String
        var configuration: VisionTransformerConfiguration
        var embeddingWidth: Int
        var testDescription: String { name }
    }

    static let fullVisions = [
        FullVision(
            name: "clip-vit-base-patch16",
            configuration: .init(patchSize: 16, width: 768, layers: 12, heads: 12),
            embeddingWidth: 512),
        FullVision(
            name: "clip-vit-large-patch14-336",
            configuration: .init(imageSize: 336, patchSize: 14, width: 1024, layers: 24, heads: 16),
            embeddingWidth: 768),
        FullVision(
            name: "clip-vit-huge-patch14",
            configuration: .init(
                patchSize: 14, width: 1280, layers: 32, heads: 16, activation: .gelu),
            embeddingWidth: 1024),
    ]

    @Test(arguments: fullVisions)
    func `projected images of real size match the reference`(row: FullVision) throws {
        let configuration = row.configuration
        let weights = RandomModel.weights(
            configuration, projection: row.embeddingWidth, label: row.name)
        let side = configuration.imageSize
        let pixels = SplitMix.numbers("\(row.name)/pixels", count: 2 * 3 * side * side, scale: 1)
        let clips = (0..<2).map { clip in
            PixelClip(
                frameCount: 1,
                elements: Array(pixels[clip * 3 * side * side..<(clip + 1) * 3 * side * side]))
        }
        let projection = try EmbeddingProjection(
            vision: configuration, embeddingWidth: row.embeddingWidth, weights: weights)
        let expected = try WeightFile.open(Fixture.path("encoders/full-text.safetensors"))
            .rows("golden.image.\(row.name)")
        for precision in Precision.allCases {
            let transformer = try VisionTransformer(
                configuration: configuration, weights: weights, precision: precision,
                threadCount: ProcessInfo.processInfo.activeProcessorCount)
            let embeddings = projection.embeddings(of: try transformer.embed(clips).map(\.cls))
            for (embedding, expected) in zip(embeddings, expected) {
                expect(embedding, expected, precision)
                print(
                    "\(row.name) image \(precision.rawValue): relative error \(relativeError(embedding, expected))"
                )
            }
        }
    }

    /// Checks an embedding with the bounds of `FullSizeTests`; in int8, texts have somewhat larger errors.
    private func expect(_ embedding: [Float], _ expected: [Float], _ precision: Precision) {
        #expect(embedding.count == expected.count)
        let error = relativeError(embedding, expected)
        switch precision {
        case .f32: #expect(error < 1e-4)
        case .bf16: #expect(error < 2e-2)
        case .int8: #expect(error < 5e-2)
        }
    }
}

extension WeightFile {
    /// The tensors of a golden file that are weights, under their names in the checkpoint.
    fileprivate var weights: WeightFile {
        let pairs = tensors.compactMap { name, tensor in
            name.hasPrefix("weights.") ? (String(name.dropFirst("weights.".count)), tensor) : nil
        }
        return WeightFile(name: name, tensors: Dictionary(uniqueKeysWithValues: pairs))
    }

    /// The rows of a tensor.
    fileprivate func rows(_ name: String) throws -> [[Float]] {
        let tensor = try #require(tensors[name])
        let elements = tensor.floats()
        let count = elements.count / tensor.shape[0]
        return (0..<tensor.shape[0]).map { Array(elements[$0 * count..<($0 + 1) * count]) }
    }

    /// The symbols of the texts, up to their ends.
    fileprivate func texts() throws -> [[Int32]] {
        try rows("symbols").map { row in
            let ids = row.map { Int32($0) }
            let end = try #require(ids.firstIndex(of: ids.max() ?? 0))
            return Array(ids[...end])
        }
    }
}
