import Encoders
import Foundation
import Frames
import Reward
import Tensors
import Testing
import TestModels
import TestSupport

/// Damage compared with values by hand: two blocks of two elements, no principal components.
@Suite struct DegradationPartTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func part(weight: Double = 2, motion: DegradationPart.Motion? = nil) -> DegradationPart
    {
        DegradationPart(
            metrics: [
                MahalanobisDistance(mean: [1, 1], deviation: [1, 2], components: [], ridge: 0.5),
                MahalanobisDistance(mean: [0, 0], deviation: [1, 1], components: [], ridge: 0.5),
            ],
            distanceWeights: [1, 3], weights: [0.5, 0, 0, -0.25], motion: motion,
            scale: DegradationPart.Scale(
                ridge: 0.5, offset: -1, weight: weight, usual: 0.5, copyCount: 10, kinds: ["blur"]))
    }

    /// Distances per block: d² = (3² + 4²) / (0.5 · 2) and (0 + 2²) / 1, so d = 5 and 2.
    private let embedding: [Float] = [4, 9, 0, 2]

    @Test func `deviations and damage follow the formula`() {
        let byHand = 1 * log(5) + 3 * log(2) + 0.5 * 4 - 0.25 * 2 - 1
        #expect(abs(part().deviations(of: embedding) - byHand) <= 1e-6)
        #expect(abs(part().penalty(of: embedding) - 2 * (log(1 + exp(byHand)) - 0.5)) <= 1e-6)
        // 2 · (ln 2 - usual) at 0; the lower bound is -2 · usual = -1.
        #expect(abs(part().penalty(at: 0) - 2 * (log(2) - 0.5)) <= 1e-12)
        #expect(part().penalty(at: -50) >= -1 && part().penalty(at: -50) < -1 + 1e-12)
    }

    @Test func `the damage is subtracted from the logit of every member`() throws {
        let heads = HeadEnsemble(
            (1...3).map { RewardHead(width: 4, seed: $0, architecture: .linear) })
        let encoders = [MediaKind.video: identity(width: 4)]
        let plain = try RewardModel(ensemble: heads, encoders: encoders)
        let model = try RewardModel(ensemble: heads, encoders: encoders, degradation: part())
        let (before, after) = (plain.score(of: embedding), model.score(of: embedding))
        let damage = try #require(after.degradationPenalty)
        #expect(damage == part().penalty(of: embedding))
        for (plainLogit, logit) in zip(before.memberLogits, after.memberLogits) {
            #expect(plainLogit - damage == logit)
        }
        #expect(before.degradationPenalty == nil)
        #expect(plain.fingerprint != model.fingerprint)
        let other = try RewardModel(
            ensemble: heads, encoders: encoders, degradation: part(weight: 3))
        #expect(other.fingerprint != model.fingerprint)
        // The damage of a video is the mean damage of its clips.
        let pooled = Pooling([after, model.score(of: [1, 1, 1, 0])])
        let second = part().penalty(of: [1, 1, 1, 0])
        #expect(
            abs(try #require(pooled.score?.degradationPenalty) - (damage + second) / 2) <= 1e-12)
    }

    /// Weights for the first two features and the last one, which tells whether there is motion,
    /// and for the distance from a mean of ones.
    private let motion = DegradationPart.Motion(
        bounds: Array(repeating: -1...2, count: MotionRecipe.featureCount - 1),
        metric: MahalanobisDistance(
            mean: Array(repeating: 1, count: MotionRecipe.featureCount - 1),
            deviation: Array(repeating: 1, count: MotionRecipe.featureCount - 1), components: [],
            ridge: 0.5),
        distanceWeight: 4,
        weights: [2, -1] + Array(repeating: 0, count: MotionRecipe.featureCount - 3) + [0.5])

    private func movingIdentity(block: Int = 1) -> EncoderIdentity {
        var identity = identity(width: 4)
        identity.motion = MotionRecipe(block: block, burst: 4)
        identity.embeddingWidth += MotionRecipe.featureCount
        return identity
    }

    @Test func `motion features contribute only to clips with motion`() throws {
        let heads = HeadEnsemble([RewardHead(width: 4, seed: 1, architecture: .linear)])
        let model = try RewardModel(
            ensemble: heads, encoders: [.video: movingIdentity()],
            degradation: part(motion: motion))
        let still = embedding + [Float](repeating: 0, count: MotionRecipe.featureCount)
        var moving = still
        moving[4] = 0.25
        moving[5] = 3
        moving[moving.count - 1] = 1
        // The second feature is clamped to 2, so d² = (0.75² + 1² + 21 · 1²) / (0.5 · 23).
        let distance = ((0.5625 + 1 + 21) / (0.5 * 23)).squareRoot()
        let damage = try #require(model.degradation)
        let byHand = part().deviations(of: embedding)
        #expect(abs(damage.deviations(of: still) - byHand) <= 1e-9)
        #expect(
            abs(damage.deviations(of: moving) - (byHand + 4 * log(distance) + 0.5 - 2 + 0.5))
                <= 1e-6)
        let (stillScore, movingScore) = (model.score(of: still), model.score(of: moving))
        let difference = damage.penalty(of: moving) - damage.penalty(of: still)
        #expect(abs(stillScore.logit - movingScore.logit - difference) <= 1e-9)
    }

    @Test func `the motion recipe is part of a model's identity`() throws {
        let heads = HeadEnsemble([RewardHead(width: 4, seed: 1)])
        func model(_ identity: EncoderIdentity, _ part: DegradationPart) throws -> RewardModel {
            try RewardModel(ensemble: heads, encoders: [.video: identity], degradation: part)
        }
        let moving = part(motion: motion)
        let original = try model(movingIdentity(), moving)
        let path = folder.path("head.safetensors")
        try original.write(to: path)
        let loaded = try RewardModel.load(path)
        #expect(loaded.degradation == moving && loaded.encoders == original.encoders)
        #expect(loaded.fingerprint == original.fingerprint)
        #expect(try model(movingIdentity(block: 2), moving).fingerprint != original.fingerprint)
        // An encoder may have motion that no part judges, since it selects the frames of the content.
        let unjudged = try model(movingIdentity(), part())
        #expect(unjudged.fingerprint != (try model(identity(width: 4), part())).fingerprint)
        try unjudged.write(to: path)
        #expect(try RewardModel.load(path).degradation == part())
        #expect(try RewardModel.load(path).encoders == unjudged.encoders)
        #expect(throws: RewardError.self) { try model(identity(width: 4), moving) }
        #expect(throws: RewardError.self) { try original.check(identity(width: 4), for: .video) }
        #expect(throws: RewardError.self) {
            try original.check(movingIdentity(block: 2), for: .video)
        }
        try original.check(movingIdentity(), for: .video)
        try original.check(identity(width: 4), for: .video, ignoringMotion: true)
    }

    @Test func `the damage part survives a round trip, and invalid tensors are refused`()
        throws
    {
        let model = try RewardModel(
            ensemble: HeadEnsemble([RewardHead(width: 4, seed: 1)]),
            encoders: [.video: identity(width: 4)], degradation: part())
        let path = folder.path("head.safetensors")
        try model.write(to: path)
        let loaded = try RewardModel.load(path)
        #expect(loaded.degradation == model.degradation)
        #expect(loaded.fingerprint == model.fingerprint)

        let file = try WeightFile.open(path)
        for (name, tensor, problem) in [
            ("damage.weights", nil, "is missing"),
            ("damage.1.mean", Tensor(repeating: 1, shape: [3]), "has shape [3], not [2]"),
            ("damage.2.mean", Tensor(repeating: 1, shape: [2]), "is not part of the head"),
            (
                "damage.0.deviation", Tensor(repeating: 0, shape: [2]),
                "holds a value that is not above 0"
            ),
        ] as [(String, Tensor?, String)] {
            var tensors = file.tensors.mapValues {
                Tensor(shape: $0.shape, elements: $0.floats())
            }
            tensors[name] = tensor
            let damaged = folder.path("damaged.safetensors")
            try Safetensors.write(tensors, metadata: file.metadata, to: damaged)
            #expect(
                throws: RewardError.badTensor(source: damaged, tensor: name, problem: problem)
            ) { try RewardModel.load(damaged) }
        }
    }
}
