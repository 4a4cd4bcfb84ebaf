import Foundation
import Frames
import Reward
import Tensors
import Testing
import TestModels
import TestSupport

/// Comparison with NumPy and SciPy; `fixtures/reward/familiarity.py` explains the tolerances.
@Suite struct FamiliarityTests {
    private let golden: FamiliarityGolden
    private let familiarity: Familiarity
    private let folder: TemporaryFolder

    init() throws {
        golden = try FamiliarityGolden.load()
        familiarity = golden.familiarity
        folder = try TemporaryFolder()
    }

    private func model(
        _ familiarity: Familiarity?, seeds: Range<UInt64> = 3..<4
    ) throws -> RewardModel {
        try RewardModel(
            ensemble: HeadEnsemble(seeds.map { RewardHead(width: 12, seed: $0) }),
            encoders: [.video: identity(width: 12)], familiarity: familiarity)
    }

    @Test func `distances match those with the inverted covariance`() {
        #expect(golden.cases.count == 12)
        for expected in golden.cases {
            let distance = familiarity.metric(expected.embedding[...])
            #expect(abs(distance - expected.distance) <= 1e-5 * expected.distance)
            // A slice gives the same distance.
            let padded = [9] + expected.embedding + [9]
            #expect(familiarity.metric(padded[1...12]) == distance)
        }
    }

    @Test func `percentiles match a log-normal distribution`() {
        for expected in golden.percentiles {
            let percentile = familiarity.percentile(ofDistance: expected.distance)
            #expect(abs(percentile - expected.percentile) <= 1e-9)
        }
        let percentiles = golden.percentiles.map { familiarity.percentile(ofDistance: $0.distance) }
        #expect(percentiles == percentiles.sorted())
    }

    /// scipy.stats.norm.ppf(0.997) = 2.7477813854449931
    @Test func `the distance limit is at the usual maximum percentile`() {
        let byHand = exp(golden.logMedian + 2.747_781_385_444_993_1 * golden.logDeviation)
        #expect(abs(familiarity.limit - byHand) <= 1e-12)
        #expect(abs(familiarity.limit - golden.limit) <= 1e-12)
        #expect(
            abs(familiarity.percentile(ofDistance: familiarity.limit) - Familiarity.defaultMaximum)
                <= 1e-9)
    }

    @Test func `an embedding beyond the limit is moved towards the mean, to the limit`() {
        #expect(golden.cases.count { $0.distance > golden.limit } == 4)
        for expected in golden.cases {
            let (bounded, distance) = familiarity.bounded(expected.embedding)
            #expect(distance == familiarity.metric(expected.embedding[...]))
            if expected.distance <= golden.limit {
                #expect(bounded == expected.embedding)
            } else {
                #expect(
                    abs(familiarity.metric(bounded[...]) - golden.limit) <= 1e-4 * golden.limit)
            }
            for (ours, theirs) in zip(bounded, expected.bounded) {
                #expect(abs(ours - theirs) <= 1e-4)
            }
        }
    }

    @Test func `without components all directions have equal weight`() {
        let plain = MahalanobisDistance(
            mean: [1, 1], deviation: [1, 2], components: [], ridge: 0.5)
        // By hand: x̂ = (3, 4); 25 / (0.5 · 2) = 25.
        #expect(plain([4, 9]) == 5)
    }

    @Test func `the head scores the bounded embedding, and the score has the distance`() throws {
        let model = try model(familiarity, seeds: 3..<6)
        let scores = model.scores(matrix(golden.cases.map(\.embedding)))
        let within = model.ensemble.scores(matrix(golden.cases.map(\.bounded)))
        #expect(scores.count == golden.cases.count)
        for (index, expected) in golden.cases.enumerated() {
            let distance = try #require(scores[index].distance)
            #expect(abs(distance - expected.distance) <= 1e-5 * expected.distance)
            let percentile = try #require(model.unfamiliarity(of: scores[index]))
            #expect(abs(percentile - expected.percentile) <= 0.01)
            for (ours, theirs) in zip(scores[index].memberLogits, within[index].memberLogits) {
                #expect(abs(ours - theirs) <= 1e-3)
            }
            let alone = model.score(of: expected.embedding)
            #expect(alone.distance == distance)
            #expect(abs(alone.logit - scores[index].logit) <= 1e-6)
        }
        // An ensemble of three heads also has a spread.
        #expect(scores.allSatisfy { $0.logitSpread != nil })
    }

    @Test func `a model without familiarity has the plain scores and no percentile`() throws {
        let model = try model(nil)
        let embeddings = golden.cases.map(\.embedding)
        let scores = model.scores(matrix(embeddings))
        #expect(scores == model.ensemble.scores(matrix(embeddings)))
        for score in scores {
            #expect(score.distance == nil)
            #expect(model.unfamiliarity(of: score) == nil)
        }
        #expect(try self.model(familiarity).unfamiliarity(of: Score(logit: 1)) == nil)
    }

    @Test func `the distance of a video is the mean over its clips, if all are known`() {
        func score(_ logit: Double, _ distance: Double?) -> Score {
            Score(memberLogits: [logit], distance: distance)
        }
        #expect(Pooling([score(1, 2), score(2, 4)]).score == score(1.5, 3))
        #expect(Pooling([score(1, nil), score(2, 4)]).score == score(1.5, nil))
        #expect(Pooling([score(1, 2), score(2, nil)]).score == score(1.5, nil))
    }

    @Test func `the fingerprint depends on familiarity`() throws {
        var scale = familiarity.scale
        scale.logMedian += 0.5
        var mean = golden.mean
        mean[3] += 0.5
        let others: [Familiarity?] = [
            Familiarity(metric: familiarity.metric, scale: scale),
            Familiarity(
                metric: MahalanobisDistance(
                    mean: mean, deviation: golden.deviation, components: golden.components,
                    ridge: golden.ridge), scale: familiarity.scale),
            Familiarity(
                metric: MahalanobisDistance(
                    mean: golden.mean, deviation: golden.deviation,
                    components: Array(golden.components.prefix(24)), ridge: golden.ridge),
                scale: familiarity.scale),
        ]
        let all = try ([nil, familiarity] + others).map { try model($0).fingerprint }
        #expect(Set(all).count == 5)
        #expect(try model(familiarity).fingerprint == all[1])
    }

    @Test func `familiarity survives a round trip through a file`() throws {
        let model = try model(familiarity)
        let path = folder.path("head.safetensors")
        try model.write(to: path)
        let loaded = try RewardModel.load(path)
        #expect(loaded.familiarity == familiarity)
        #expect(loaded.ensemble.parameters == model.ensemble.parameters)
        #expect(loaded.fingerprint == model.fingerprint)
        let file = try WeightFile.open(path)
        let shapes = file.tensors.filter { $0.key.hasPrefix("familiarity.") }.mapValues(\.shape)
        #expect(
            shapes == [
                "familiarity.mean": [12], "familiarity.deviation": [12],
                "familiarity.components": [3, 12],
            ])

        // Half precision has a significand of 11 bits.
        let half = folder.path("half.safetensors")
        try model.write(to: half, as: .f16)
        let rounded = try #require(RewardModel.load(half).familiarity)
        let distance = rounded.metric(golden.cases[1].embedding[...])
        #expect(abs(distance / golden.cases[1].distance - 1) <= 0.01)
        #expect(rounded.scale == familiarity.scale)
    }

    @Test func `members of an ensemble share one familiarity`() throws {
        let path = folder.path("ensemble.safetensors")
        let model = try model(familiarity, seeds: 1..<4)
        try model.write(to: path)
        let loaded = try RewardModel.load(path)
        #expect(loaded.ensemble.members.count == 3)
        #expect(loaded.familiarity == familiarity)
        #expect(loaded.fingerprint == model.fingerprint)
    }

    /// Writes a model file with one tensor replaced, or removed if nil.
    private func file(_ name: String, _ tensor: Tensor?) throws -> String {
        let whole = folder.path("whole.safetensors")
        let model = try model(familiarity)
        try model.write(to: whole)
        var tensors = try WeightFile.open(whole).tensors.mapValues {
            Tensor(shape: $0.shape, elements: $0.floats())
        }
        tensors[name] = tensor
        let path = folder.path("damaged.safetensors")
        try Safetensors.write(tensors, metadata: WeightFile.open(whole).metadata, to: path)
        return path
    }

    private static let ones = Array(repeating: Float(1), count: 36)

    @Test(
        arguments: [
            ("mean", nil, "is missing"),
            ("deviation", nil, "is missing"),
            ("components", nil, "is missing"),
            ("mean", [11], "has shape [11], not [12]"),
            ("deviation", [12, 1], "has shape [12, 1], not [12]"),
            ("components", [36], "has shape [36], not [r, 12]"),
            ("components", [4, 9], "has shape [4, 9], not [r, 12]"),
            ("median", [12], "is not part of the head"),
        ] as [(String, [Int]?, String)])
    func `a file with missing or misshapen tensors is refused by tensor name`(
        name: String, shape: [Int]?, problem: String
    ) throws {
        let tensor = shape.map { shape in
            Tensor(shape: shape, elements: Array(Self.ones.prefix(shape.reduce(1, *))))
        }
        let path = try file("familiarity.\(name)", tensor)
        #expect(
            throws: RewardError.badTensor(
                source: path, tensor: "familiarity.\(name)", problem: problem)
        ) { try RewardModel.load(path) }
    }

    @Test(
        arguments: [
            ("deviation", 0, "holds a value that is not above 0"),
            ("deviation", -1, "holds a value that is not above 0"),
            ("deviation", .infinity, "holds infinities or NaNs"),
            ("mean", .nan, "holds infinities or NaNs"),
        ] as [(String, Float, String)])
    func `an invalid element is refused`(
        name: String, element: Float, problem: String
    ) throws {
        var elements = Array(Self.ones.prefix(12))
        elements[7] = element
        let path = try file("familiarity.\(name)", Tensor(shape: [12], elements: elements))
        #expect(
            throws: RewardError.badTensor(
                source: path, tensor: "familiarity.\(name)", problem: problem)
        ) { try RewardModel.load(path) }
    }

    @Test(arguments: [
        ("\"log_deviation\":0.25", "\"log_deviation\":0"), ("\"ridge\":0.3", "\"ridge\":-0.3"),
        ("\"count\":40", "\"count\":0"),
    ])
    func `an invalid scale is refused`(old: String, new: String) throws {
        let whole = folder.path("whole.safetensors")
        let model = try model(familiarity)
        try model.write(to: whole)
        let record = try #require(WeightFile.open(whole).metadata["ganrm"])
        try #require(record.contains(old))
        let path = folder.path("damaged.safetensors")
        try Safetensors.write(
            WeightFile.open(whole).tensors.mapValues {
                Tensor(shape: $0.shape, elements: $0.floats())
            },
            metadata: ["ganrm": record.replacingOccurrences(of: old, with: new)], to: path)
        #expect(
            throws: RewardError.badRecord(
                source: path, reason: "it has familiarity that is no number")
        ) { try RewardModel.load(path) }
    }

    @Test func `familiarity of another width is refused`() {
        #expect(
            throws: RewardError.badRecord(
                source: "the reward model",
                reason: "its familiarity takes 12 values, the head 8")
        ) {
            try RewardModel(
                ensemble: HeadEnsemble(RewardHead(width: 8, seed: 0)),
                encoders: [.image: identity(width: 8)], familiarity: familiarity)
        }
    }
}
