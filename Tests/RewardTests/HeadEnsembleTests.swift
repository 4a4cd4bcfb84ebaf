import Foundation
import Frames
import Reward
import Tensors
import Testing
import TestModels
import TestSupport
import Training

@Suite struct HeadEnsembleTests {
    private func members(_ count: Int) -> [RewardHead] {
        (0..<count).map { RewardHead(width: 8, seed: UInt64($0)) }
    }

    /// By hand: means 2 and 2.5; population standard deviations of {1, 3} and {0, 5}: 1 and 2.5.
    @Test func `a score is the mean over the members, the spread their standard deviation`() {
        let scores = [Score(memberLogits: [1, 3]), Score(memberLogits: [0, 5])]
        #expect(scores.map { $0.logit } == [2, 2.5])
        #expect(scores.map { $0.logitSpread } == [1, 2.5])
        let values = [0.731_058_578_630_004_9, 0.952_574_126_822_433_3]
        #expect(abs(scores[0].spread! - (values[1] - values[0]) / 2) < 1e-12)
        #expect(Score(logit: 2).spread == nil)
    }

    /// By hand: the ranks of the first member are 1, 2, 3, 4, those of the second 3.5, 3.5, 1.5,
    /// 1.5, and the sums 4.5, 5.5, 4.5, 5.5. Ties go to the higher mean: 8 before 3.5, and 5 before
    /// 2.5.
    @Test func `members vote with mid-ranks, ties are broken by mean, then by input order`() {
        let scores = [[14, 2.0], [8, 2.0], [4, 3.0], [2, 3.0]].map { Score(memberLogits: $0) }
        #expect(HeadEnsemble(members(2), isVoting: true).order(scores) == [0, 2, 1, 3])
        #expect(HeadEnsemble(members(2)).order(scores) == [0, 1, 2, 3])
        let equal = Array(repeating: Score(memberLogits: [1, 2]), count: 3)
        #expect(HeadEnsemble(members(2), isVoting: true).order(equal) == [0, 1, 2])
    }

    @Test func `an ensemble is one file with the tensor names of a ModuleList`() throws {
        let folder = try TemporaryFolder()
        let path = folder.path("ensemble.safetensors")
        var settings = TrainingSettings()
        settings.strategy = .voting
        settings.steps = 30
        settings.checkpointInterval = 5
        settings.checkpoints = 3
        let outcome = try trained(settings, on: examples(count: 40, width: 8, distance: 0.5))
        let model = try RewardModel(
            ensemble: outcome.ensemble, encoders: [.image: identity(width: 8)],
            training: TrainingRecord(settings: settings, metrics: outcome.metrics))
        try model.write(to: path)
        let names = try WeightFile.open(path).tensors.keys
        #expect(names.contains("members.2.fc1.weight") && names.count == 3 * 14)
        let loaded = try RewardModel.load(path)
        #expect(loaded.ensemble.parameters == outcome.ensemble.parameters)
        #expect(loaded.ensemble.isVoting)
        #expect(loaded.fingerprint == model.fingerprint)
        #expect(
            try RewardModel(
                ensemble: HeadEnsemble(outcome.ensemble.members),
                encoders: [.image: identity(width: 8)]
            ).fingerprint != model.fingerprint)
    }

    @Test func `a gap in the member indices is refused`() throws {
        let folder = try TemporaryFolder()
        let path = folder.path("gap.safetensors")
        var tensors = HeadEnsemble(members(3)).parameters
        tensors = tensors.filter { !$0.key.hasPrefix("members.1.") }
        try Safetensors.write(tensors, to: path)
        #expect(
            throws: RewardError.badTensor(
                source: path, tensor: "members.2.bn1.bias",
                problem: "is not part of member 1, which comes next")
        ) { try HeadEnsemble(WeightFile.open(path)) }
    }

    @Test func `a linear head is a matrix product that includes standardization`() throws {
        var settings = TrainingSettings()
        settings.architecture = .linear
        settings.steps = 50
        settings.standardizesEmbeddings = true
        let data = examples(count: 60, width: 8, distance: 0.5)
        let head = try trained(settings, on: data).ensemble.members[0]
        let parameters = head.parameters
        #expect(parameters.keys.sorted() == ["out.bias", "out.weight"])
        let weight = try #require(parameters["out.weight"]).elements
        let bias = try #require(parameters["out.bias"]).elements
        let logits = head.logits(matrix(data.map(\.embedding))).elements
        let folder = try TemporaryFolder()
        let path = folder.path("linear.safetensors")
        try Safetensors.write(parameters, to: path)
        #expect(try RewardHead.load(path).logits(matrix(data.map(\.embedding))).elements == logits)
        for (row, example) in data.enumerated() {
            for output in 0..<2 {
                let product = (0..<8).reduce(Double(bias[output])) { sum, i in
                    sum + Double(example.embedding[i]) * Double(weight[output * 8 + i])
                }
                #expect(abs(Double(logits[2 * row + output]) - product) < 1e-5)
            }
        }
    }
}
