import Foundation
import TestSupport
import Testing

/// What `ganrm score` needs in a test: an encoder small enough, and a head that `train` fitted on test
/// patterns against noise. Made once for all tests.
struct ScoringSetting: Sendable {
    static let shared = Result { try ScoringSetting() }

    let model: TinyModel
    let media: TestMedia
    let head: String
    /// Options that every `score` needs.
    let options: [String]

    private init() throws {
        model = try TinyModel()
        media = try TestMedia()
        for i in 0..<6 {
            try media.video("good/\(i).mp4", frames: 16, seed: i)
            try media.noise("raw/\(i).mp4", seed: i)
        }
        head = model.folder.path("head.safetensors")
        let training = try CommandRun.ganrm(
            ["train", "--proxy", media.folder.path("good"), "--generated"]
                + [media.folder.path("raw"), "-o", head, "--steps", "60", "--frames", "4"]
                + ["--warm-up-steps", "10", "--learning-rate", "0.001"] + model.encoderOptions)
        try #require(training.status == 0, "\(training.messages)")
        options = ["--model", head] + model.encoderOptions
    }
}
