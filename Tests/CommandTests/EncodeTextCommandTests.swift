import Foundation
import Tensors
import Testing
import TestModels
import TestSupport
import TextFormats

/// `ganrm encode --text`, with the small model of `fixtures/encoders/text.py` and a vocabulary of its 530 symbols.
@Suite struct EncodeTextCommandTests {
    /// A described encoder, its weights and a vocabulary.
    private struct Model {
        let folder: TemporaryFolder
        let options: [String]

        init() throws {
            folder = try TemporaryFolder()
            let file = try WeightFile.open(
                Fixture.path("encoders/tiny-text-hugging-face.safetensors"))
            let tensors = file.tensors.compactMap { name, tensor in
                name.hasPrefix("weights.")
                    ? (String(name.dropFirst("weights.".count)), tensor) : nil
            }
            let weights = folder.path("model.safetensors")
            try Safetensors.write(stored: Dictionary(uniqueKeysWithValues: tensors), to: weights)
            let description = try folder.write(
                """
                {"name": "tiny", "configuration": {"imageSize": 35, "patchSize": 7, "width": 64, "layers": 2, "heads": 2,
                 "hiddenWidth": 128, "activation": "quick_gelu", "layerNormEpsilon": 1e-5, "normalisesInput": true,
                 "normalisesOutput": false, "hasPatchBias": false, "hasLayerScale": false, "positionGrid": 5,
                 "frameCount": 1},
                 "preprocessing": {"resize": "short_side", "size": 35, "filter": "pillow_bicubic", "crop": 35,
                 "mean": [0.5, 0.5, 0.5], "deviation": [0.5, 0.5, 0.5]},
                 "text": {"tokenizer": "openai", "configuration": {"width": 48, "layers": 3, "heads": 3,
                 "hiddenWidth": 192, "activation": "quick_gelu", "layerNormEpsilon": 1e-5, "contextLength": 77,
                 "vocabularyCount": 530, "embeddingWidth": 40}}}
                """, to: "tiny.json")
            // 16 merges: "the", "and", "a" + "n"…
            let merges = [
                "t h", "th e</w>", "a n", "an d</w>", "f o", "fo x</w>", "o f</w>", "p h", "o t",
                "ph ot",
                "phot o</w>", "i n", "in g</w>", "e r</w>", "o n</w>", "a t</w>",
            ]
            let vocabulary = try folder.write(
                "#version\n" + merges.joined(separator: "\n") + "\n", to: "merges.txt")
            options = [
                "--encoder", description, "--weights", weights, "--vocabulary", vocabulary,
                "--precision", "f32",
            ]
        }

        func encode(
            _ prompts: String, _ arguments: [String] = [], output: String = "out.safetensors"
        ) throws -> CommandRun {
            let list = try folder.write(prompts, to: "prompts.txt")
            return try CommandRun.ganrm(
                ["encode", "--text", list, "-o", folder.path(output)] + options + arguments)
        }

        func result(_ output: String = "out.safetensors") throws -> WeightFile {
            try WeightFile.open(folder.path(output))
        }
    }

    @Test func `each prompt is a row, with its symbols`() throws {
        let model = try Model()
        let run = try model.encode("A photo of the fox\n\nand AND\n")
        #expect(run.status == 0, "\(run.messages)")
        let file = try model.result()
        let tokens = try #require(file.tensors["tokens"])
        #expect(tokens.shape == [2, 77])
        #expect(tokens.dtype == .i32)
        // Merge n makes symbol 512 + n; "a" ends a word as symbol 256 + 64.
        let expected: [[Float]] = [[528, 320, 522, 518, 513, 517, 529], [528, 515, 515, 529]]
        for (row, expected) in expected.enumerated() {
            #expect(
                Array(tokens.floats()[row * 77..<(row + 1) * 77])
                    == expected + Array(repeating: -1, count: 77 - expected.count))
        }
        let embeddings = try #require(file.tensors["embeddings"])
        #expect(embeddings.shape == [2, 40])
        #expect(
            file.metadata["prompts"] == #"[{"prompt":"A photo of the fox"},{"prompt":"and AND"}]"#)
        let identity = try JSONValue(parsing: #require(file.metadata["text_encoder"]))
        #expect(identity["name"]?.stringValue == "tiny")
        #expect(identity["tokenizer"]?.stringValue == "openai")
    }

    @Test func `prompts that are cut or wrongly decoded are counted and marked`() throws {
        let model = try Model()
        let long = String(repeating: "the fox ", count: 50)
        let run = try model.encode("the fox\n\(long)\ncaf\u{c3}\u{a9}\n")
        #expect(run.status == 0)
        #expect(run.messages.contains("1 of 3 prompts have more than 77 symbols and were cut"))
        #expect(
            run.messages.contains(
                "1 of 3 prompts look as if they had been decoded with a wrong encoding"))
        let prompts =
            try JSONValue(parsing: #require(try model.result().metadata["prompts"])).arrayValue
            ?? []
        #expect(prompts.map { $0["truncated"] } == [nil, .bool(true), nil])
        #expect(prompts.map { $0["misdecoded"] } == [nil, nil, .bool(true)])
        let quiet = try model.encode(long, ["-q"])
        #expect(quiet.messages.isEmpty, "\(quiet.messages)")
    }

    @Test func `the tokenizer decides about the symbols`() throws {
        let model = try Model()
        #expect(try model.encode("AT&amp;T").status == 0)
        #expect(
            try model.encode("AT&amp;T", ["--tokenizer", "hugging_face"], output: "hf.safetensors")
                .status == 0)
        let count = { (file: WeightFile) in file.tensors["tokens"]?.floats().count { $0 >= 0 } ?? 0
        }
        #expect(try count(model.result()) < count(model.result("hf.safetensors")))
    }

    @Test func `what cannot be embedded is refused and writes nothing`() throws {
        let model = try Model()
        let list = try model.folder.write("a fox\n", to: "list.txt")
        let output = model.folder.path("no.safetensors")
        let refused: [(arguments: [String], message: String)] = [
            (["--text", list], "--encoder"),
            (
                ["--text", list, "--encoder", "dinov2-small-patch14"],
                "'dinov2-small-patch14' embeds images or videos only"
            ),
            (["--text", list, "a.mp4"] + model.options, "--text embeds prompts alone"),
            (["a.mp4", "--tokenizer", "openai"], "go with --text"),
            (
                ["--text", list] + model.options + ["--vocabulary", list],
                "is not the model's vocabulary"
            ),
            (["--text", "/no/such/file"] + model.options, "'/no/such/file'"),
            (
                ["--text", try model.folder.write("\n", to: "empty.txt")] + model.options,
                "empty.txt"
            ),
        ]
        for (arguments, message) in refused {
            let run = try CommandRun.ganrm(["encode", "-o", output] + arguments)
            #expect(run.status != 0)
            #expect(run.messages.contains(message), "\(arguments): \(run.messages)")
            #expect(!FileManager.default.fileExists(atPath: output))
        }
    }
}
