import Encoders
import Evaluation
import Frames
import Media
import Pipeline
import Reward
import Statistics
import Testing
import TextFormats

@Suite struct DegradationCheckTests {
    @Test func `the accuracy of pairs matches a count by hand`() throws {
        let values: [(kind: String, strength: Int, logit: Float)] = [
            ("blur", 0, 0), ("noise", 2, -1), ("noise", 4, -2), ("freeze", 2, 1), ("freeze", 4, -1),
            ("tone", 2, 0), ("tone", 4, 3), ("jitter", 2, -1),
        ]
        let identity = EncoderIdentity(
            name: "made-up", fingerprint: "f00d",
            preprocessing: Preprocessing(
                resize: .shortSide, size: 32, filter: .pillowBicubic, crop: 32,
                mean: [0.5, 0.5, 0.5], deviation: [0.5, 0.5, 0.5]), taps: [2], embeddingWidth: 2)
        let model = try RewardModel(
            ensemble: HeadEnsemble(RewardHead(width: 2, seed: 1, architecture: .linear)),
            encoders: [.video: identity])
        // The logit is linear in the first element, which is solved for the wanted logit.
        let (logitAt0, logitAt1) = (model.score(of: [0, 0]).logit, model.score(of: [1, 0]).logit)
        var set = EmbeddingSet(encoders: [.video: identity], sampling: .uniform(UniformSampling()))
        for value in values {
            set.append(
                [Float((Double(value.logit) - logitAt0) / (logitAt1 - logitAt0)), 0],
                input: try JSONValue(
                    parsing: #"{"input":"a","kind":"video","degradation":"#
                        + #"{"kind":"\#(value.kind)","strength":\#(value.strength)}}"#))
        }
        let check = try DegradationCheck(model, set)
        #expect(check.clipCount == 1)
        // Jitter is left out, because a version is missing.
        #expect(check.rows.map(\.kind) == [.noise, .tone, .freeze])
        // 0 > −1 > −2; 0 = 0 < 3; 0 < 1 > −1.
        let accuracies = check.rows.map(\.accuracy.accuracy)
        for (found, expected) in zip(accuracies, [1, 0.5 / 3, 2.0 / 3]) {
            #expect(abs(found - expected) < 1e-12)
        }
    }
}
