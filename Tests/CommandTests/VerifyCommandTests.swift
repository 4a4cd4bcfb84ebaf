import Encoders
import Foundation
import Media
import Pipeline
import Testing
import TestModels
import TestSupport

/// `ganrm verify` with a small encoder and head instead of the default model.
@Suite(.serialized) struct VerifyCommandTests {
    private let model: TinyModel
    private let folder: TemporaryFolder
    private var reference: String { folder.path("default.reference.json") }

    init() throws {
        model = try TinyModel()
        folder = try TemporaryFolder()
        let media = try TestMedia()
        let videos = try [media.video("a.mp4"), media.noise("b.mp4", seed: 1)]
        let training = try CommandRun.ganrm(
            ["train", "--proxy", videos[0], "--generated", videos[1], "--steps", "2"]
                + ["--validation-share", "0", "-o", folder.path("default.safetensors")]
                + ["--precision", "f32"] + model.encoderOptions)
        try #require(training.status == 0, "\(training.messages)")
        let writing = try verify(["--write", reference])
        try #require(writing.status == 0, "\(writing.messages)")
    }

    private func verify(_ arguments: [String]) throws -> CommandRun {
        try CommandRun.ganrm(
            ["verify", "--precision", "f32"] + arguments + model.encoderOptions,
            environment: ["GANRM_DATA": folder.path(".")])
    }

    @Test func `an installation with the expected scores passes`() throws {
        let run = try verify(["--threads", "1"])
        #expect(run.status == 0)
        #expect(run.lines.first?.hasPrefix("ganrm ") == true)
        let fine = run.lines.filter { $0.hasSuffix("  fine") }
        #expect(fine.count == 6 * CPULevel.available.count)
        for level in CPULevel.available {
            #expect(fine.count { $0.contains(" \(level.name) ") } == 6)
        }
    }

    @Test func `one level can be verified, in every precision`() throws {
        for level in CPULevel.available {
            let run = try CommandRun.ganrm(
                ["verify", "--cpu-level", level.name] + model.encoderOptions,
                environment: ["GANRM_DATA": folder.path(".")])
            #expect(run.status == 0, "\(run.lines)")
            let fine = run.lines.filter { $0.hasSuffix("  fine") }
            #expect(fine.count == 6 * level.precisions.count)
            #expect(fine.allSatisfy { $0.contains(" \(level.name) ") })
        }
    }

    @Test func `an unexpected score fails and is named`() throws {
        var scores = try JSONDecoder().decode(
            ReferenceScores.self, from: Data(contentsOf: URL(fileURLWithPath: reference)))
        scores["life", .f32] = try #require(scores["life", .f32]) + 0.01
        try scores.write(to: reference)
        let run = try verify(["--cpu-level", "portable"])
        #expect(run.status == 1)
        let wrong = run.lines.filter { $0.hasSuffix("  WRONG") }
        #expect(wrong.count == 1)
        #expect(wrong.first?.hasPrefix("life ") == true)
    }

    @Test func `expected scores of another model are refused`() throws {
        try ReferenceScores(fingerprint: "another").write(to: reference)
        let run = try verify([])
        #expect(run.status == 3)
        #expect(run.messages.contains("install ganrm again"))
    }

    @Test func `another model is scored and not compared`() throws {
        let copy = folder.path("other.safetensors")
        try FileManager.default.copyItem(atPath: folder.path("default.safetensors"), toPath: copy)
        try ReferenceScores(fingerprint: "another").write(to: reference)
        let run = try verify(["--model", copy, "--cpu-level", "portable"])
        #expect(run.status == 0)
        #expect(run.lines.count { $0.hasSuffix("  not compared") } == 6)
    }
}
