import Foundation
import Testing
import TestModels
import TestSupport

/// A small encoder, and a head trained with `ganrm train` on test patterns and noise; shared by all
/// tests of `ganrm score`.
struct ScoringFixture: Sendable {
    static let shared = Result { try ScoringFixture() }

    let model: TinyModel
    let media: TestMedia
    let head: String
    /// Options of `ganrm score` for head and encoder.
    let options: [String]

    private init() throws {
        model = try TinyModel()
        media = try TestMedia(clipsPerSide: 6, frames: 16)
        head = model.folder.path("head.safetensors")
        let training = try CommandRun.ganrm(
            ["train", "--proxy", media.folder.path("good"), "--generated"]
                + [media.folder.path("raw"), "-o", head, "--steps", "60", "--frames", "4"]
                + ["--warm-up-steps", "10", "--learning-rate", "0.001"] + model.encoderOptions)
        try #require(training.status == 0, "\(training.messages)")
        options = ["--model", head] + model.encoderOptions
    }
}
