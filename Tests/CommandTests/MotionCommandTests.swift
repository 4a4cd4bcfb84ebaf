import Encoders
import Foundation
import Frames
import Pipeline
import Reward
import Testing
import TestModels
import TestSupport
import TextFormats

/// Training a head with motion, and scoring with it.
@Suite struct MotionCommandTests {
    private let model: TinyModel
    private let media: TestMedia

    init() throws {
        model = try TinyModel()
        media = try TestMedia(clipsPerSide: 6, frames: 16)
    }

    private var head: String { model.folder.path("head.safetensors") }

    private func train(_ options: [String]) throws -> CommandRun {
        try CommandRun.ganrm(
            [
                "train", "--proxy", media.folder.path("good"), "--generated",
                media.folder.path("raw"),
            ]
                + ["-o", head, "--steps", "2", "--validation-share", "0", "--no-sanity"]
                + model.encoderOptions + options)
    }

    @Test func `scoring uses the motion recipe of the head`() throws {
        let run = try train(["--motion", "1", "--perturb", "6", "--parts"])
        #expect(run.status == 0, "\(run.messages)")
        let trained = try RewardModel.load(head)
        #expect(
            trained.encoders[.video]?.motion == MotionRecipe(block: 1, burst: 6, contentFrames: 2))
        #expect(trained.degradation?.motion != nil)
        #expect(trained.degradation?.scale.kinds.contains("freeze") == true)

        let clip = media.folder.path("good/0.mp4")
        let score = try CommandRun.ganrm(
            ["score", clip, "--model", head] + model.encoderOptions)
        #expect(score.status == 0, "\(score.messages)")
        let row = try JSONValue(parsing: score.output)
        #expect(row["sampling"]?["burst"] == .integer(6))
        #expect(
            row["clips"]?.arrayValue?.first?["indices"]
                == .array([1, 2, 3, 4, 5, 6, 9, 10, 11, 12, 13, 14].map { .integer($0) }))
        #expect(row["parts"]?["damage"]?.doubleValue?.isFinite == true)
        // An image has no motion, and its damage is finite.
        let image = media.folder.path("one.png")
        try FFmpeg.run(["-i", clip, "-frames:v", "1", image])
        let still = try CommandRun.ganrm(
            ["score", image, "--model", head] + model.encoderOptions)
        #expect(
            try JSONValue(parsing: still.output)["parts"]?["damage"]?.doubleValue?.isFinite == true)
        // `encode` gives the same embeddings, and embeddings without motion are refused.
        let path = model.folder.path("e.safetensors")
        let encode = ["encode", clip, "-o", path] + model.encoderOptions
        #expect(try CommandRun.ganrm(encode + ["--motion", "1"]).status == 0)
        let set = try EmbeddingSet(path: path)
        #expect(set.vectors[0].count == set.contentWidth + MotionRecipe.featureCount)
        let damage = try #require(trained.score(of: set.vectors[0]).degradationPenalty)
        #expect(abs(damage - (row["parts"]?["damage"]?.doubleValue ?? .nan)) < 1e-3)
        #expect(try CommandRun.ganrm(encode).status == 0)
        #expect(throws: RewardError.self) {
            try trained.check(#require(EmbeddingSet(path: path).encoders[.video]), for: .video)
        }
    }

    /// Train embeds as the default reward model does, whatever it taps and however it samples.
    @Test func `a folder that was scored is not encoded again`() throws {
        try #require(try train(["--motion", "1", "--perturb", "6", "--parts"]).status == 0)
        let data = try TemporaryFolder()
        try FileManager.default.copyItem(atPath: head, toPath: data.path("default.safetensors"))
        let store = ["--store", data.path("store.sqlite")]
        func run(_ arguments: [String]) throws -> CommandRun {
            let run = try CommandRun.ganrm(
                arguments + store, environment: ["GANRM_DATA": data.url.path])
            try #require(run.status == 0, "\(run.messages)")
            return run
        }
        func stored() throws -> [String] { Array(try run(["store", "info"]).lines.dropFirst()) }
        let sides = ["good", "raw"].map { media.folder.path($0) }
        _ = try run(["score"] + sides + model.encoderOptions)
        let scored = try stored()
        #expect(scored.count == 1 && scored[0].contains("inputs 12  clips 12"), "\(scored)")

        let other = data.path("other.safetensors")
        let training = [
            "train", "--proxy", sides[0], "--generated", sides[1], "-o", other, "--steps", "2",
            "--no-sanity",
        ]
        _ = try run(training + model.encoderOptions)
        #expect(try stored() == scored)
        let trained = try RewardModel.load(other)
        #expect(try trained.encoders == RewardModel.load(head).encoders)
        #expect(try trained.sampling == RewardModel.load(head).sampling)
        // Nor again for the new head.
        _ = try run(["score"] + sides + ["--model", other] + model.encoderOptions)
        #expect(try stored() == scored)
        // Options are told otherwise.
        _ = try run(training + ["--taps", "2", "--frames", "3"] + model.encoderOptions)
        #expect(try stored().count == 2)
        #expect(try RewardModel.load(other).encoders[.video]?.motion == nil)
    }

    private func set(of side: String) throws -> EmbeddingSet {
        try EmbeddingSet(path: model.folder.path("\(side).safetensors"))
    }

    @Test func `sides encoded with their copies train the same head`() throws {
        let options = ["--motion", "1", "--perturb", "6", "--degrade", "gblur=sigma=2"]
        try #require(try train(options + ["--parts"]).status == 0)
        let direct = try RewardModel.load(head)
        for side in ["good", "raw"] {
            let run = try CommandRun.ganrm(
                ["encode", media.folder.path(side), "-o", model.folder.path("\(side).safetensors")]
                    + model.encoderOptions + options)
            try #require(run.status == 0, "\(run.messages)")
        }
        let run = try CommandRun.ganrm(
            ["train", "--proxy", model.folder.path("good.safetensors"), "--generated"]
                + [model.folder.path("raw.safetensors"), "-o", head, "--steps", "2", "--parts"]
                + ["--validation-share", "0", "--no-sanity"])
        #expect(run.status == 0, "\(run.messages)")
        #expect(try RewardModel.load(head).fingerprint == direct.fingerprint)
        // Copies are not samples: a distance uses only the originals.
        let distance = try CommandRun.ganrm(
            ["distance", model.folder.path("good.safetensors")]
                + [model.folder.path("raw.safetensors"), "--format", "json"])
        let report = try JSONValue(parsing: distance.output)
        for side in ["reference", "other"] { #expect(report[side]?["samples"] == .integer(6)) }
        #expect(try report["dimension"] == .integer(set(of: "good").contentWidth))
    }

    @Test func `invalid options are refused before any input is read`() throws {
        for (options, message) in [
            (["--motion", "1"], "add --parts"),
            (["--motion", "9", "--parts", "--perturb", "6"], "between 1 and the highest tap"),
            (["--motion", "1", "--burst", "3", "--parts", "--frames", "6"], "4 to 16 frames"),
            (["--burst", "3"], "8 frames are not whole bursts of 3"),
            (["--burst", "4", "--stride", "2"], "--burst goes with --sampling uniform"),
            (["--degrade", "gblr=3"], "--degrade"),
        ] {
            let run = try train(options)
            #expect(run.status != 0 && run.messages.contains(message), "\(run.messages)")
        }
    }
}
