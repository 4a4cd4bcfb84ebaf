import Testing
import TestModels
import TestSupport

/// `ganrm train` with sides that are compared, matched or degraded.
@Suite struct TrainSidesCommandTests {
    @Test func `train warns about separable properties, even with --quiet`() throws {
        let model = try TinyModel()
        let media = try TestMedia()
        for i in 0..<5 {
            try media.video("good/\(i).mp4", frames: 16, seed: i)
            try media.folder.make(
                "raw/\(i).mp4", source: "testsrc2=size=64x48:rate=24,hue=h=\(i * 40)",
                "-frames:v 16 -pix_fmt yuv420p")
        }
        func train(_ options: [String]) throws -> CommandRun {
            try CommandRun.ganrm(
                ["train", "--proxy", media.folder.path("good"), "--generated"]
                    + [media.folder.path("raw"), "-o", model.folder.path("head.safetensors")]
                    + ["--steps", "2", "--frames", "4"] + model.encoderOptions + options)
        }
        let run = try train([])
        #expect(
            run.messages.contains(
                "ganrm: proxy: 5 samples (5 videos), no groups\n  codec"))
        #expect(
            run.messages.contains(
                """
                ganrm: warning: a head could tell 100 % of the pairs by frame rate alone (proxy: \
                frame rate 8 fps; generated: frame rate 24 fps)
                """))
        #expect(run.messages.contains("by length alone"))
        #expect(!run.messages.contains("by codec alone"))
        let quiet = try train(["--quiet"])
        #expect(quiet.messages.hasPrefix("ganrm: warning: a head could tell"))
    }

    @Test func `train --match equalizes both sides and gives no warning`() throws {
        let model = try TinyModel()
        let media = try TestMedia()
        for i in 0..<5 {
            try media.video("good/\(i).mp4", frames: 16, seed: i)
            try media.folder.make(
                "raw/\(i).mkv", source: "testsrc2=size=128x96:rate=24:d=2,hue=h=\(i * 40)",
                "-c:v mpeg4")
        }
        let sides = ["--proxy", media.folder.path("good"), "--generated", media.folder.path("raw")]
        func train(_ options: [String]) throws -> CommandRun {
            try CommandRun.ganrm(
                ["train"] + sides + ["-o", model.folder.path("head.safetensors"), "--steps", "2"]
                    + ["--frames", "4"] + model.encoderOptions + options)
        }
        let plain = try train([]).messages
        for property in ["codec", "short side", "frame rate", "frames"] {
            #expect(plain.contains("by \(property) alone"))
        }
        #expect(plain.contains("ganrm: --match brings both sides to one frame rate"))
        let matched = try train(["--match"])
        #expect(matched.status == 0)
        #expect(matched.messages.hasPrefix("ganrm: both sides are brought to 8 fps, short side at"))
        #expect(!matched.messages.contains("warning"), "\(matched.messages)")
    }

    @Test func `train degrades both sides and counts copies separately`() throws {
        let model = try TinyModel()
        let media = try TestMedia(clipsPerSide: 3, frames: 8)
        let sides = ["--proxy", media.folder.path("good"), "--generated", media.folder.path("raw")]
        func train(_ options: [String]) throws -> CommandRun {
            try CommandRun.ganrm(
                ["train"] + sides + ["-o", model.folder.path("head.safetensors"), "--steps", "2"]
                    + ["--frames", "4", "--validation-share", "0"] + model.encoderOptions + options)
        }
        let run = try train(["--perturb", "2"])
        #expect(run.status == 0, "\(run.messages)")
        #expect(run.messages.contains("proxy: 3 samples (3 videos), 3 groups, 6 degraded copies"))
        #expect(run.messages.contains("3 proxy and 3 generated samples and 12 degraded copies"))
        #expect(try train(["--perturb", "17"]).status == 2)
        let encoded = model.folder.path("encoded.safetensors")
        let encoding = try CommandRun.ganrm(
            ["encode", media.folder.path("good"), "-o", encoded] + model.encoderOptions)
        try #require(encoding.status == 0, "\(encoding.messages)")
        let matched = try CommandRun.ganrm(
            ["train", "--proxy", encoded, "--generated", media.folder.path("raw")]
                + ["-o", model.folder.path("c"), "--match"] + model.encoderOptions)
        #expect(
            matched.messages.contains("--match works on frames, '\(encoded)' holds embeddings"),
            "\(matched.messages)")
    }
}
