import Encoders
import Foundation
import Frames
import Reward
import Tensors
import TestSupport
import Testing

/// Against NumPy's and SciPy's values: Golden/familiarity.py, whose head says where tolerances come from.
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

    @Test func `distances are those of the inverted covariance`() {
        #expect(golden.cases.count == 12)
        for known in golden.cases {
            let distance = familiarity.metric(known.embedding[...])
            #expect(abs(distance - known.distance) <= 1e-5 * known.distance)
            // A slice is as good as an array.
            let padded = [9] + known.embedding + [9]
            #expect(familiarity.metric(padded[1...12]) == distance)
        }
    }

    @Test func `percentiles are those of a log-normal distribution`() {
        for known in golden.percentiles {
            let percentile = familiarity.percentile(ofDistance: known.distance)
            #expect(abs(percentile - known.percentile) <= 1e-9)
        }
        let percentiles = golden.percentiles.map { familiarity.percentile(ofDistance: $0.distance) }
        #expect(percentiles == percentiles.sorted())
    }

    /// scipy.stats.norm.ppf(0.997) = 2.7477813854449931
    @Test func `the limit is where the usual maximum is`() {
        let byHand = exp(golden.logMedian + 2.747_781_385_444_993_1 * golden.logDeviation)
        #expect(abs(familiarity.limit - byHand) <= 1e-12)
        #expect(abs(familiarity.limit - golden.limit) <= 1e-12)
        #expect(
            abs(familiarity.percentile(ofDistance: familiarity.limit) - Familiarity.usualMaximum)
                <= 1e-9)
    }

    @Test func `what lies beyond the limit is moved to it, towards the mean`() {
        #expect(golden.cases.count { $0.distance > golden.limit } == 4)
        for known in golden.cases {
            let (bounded, distance) = familiarity.bounded(known.embedding)
            #expect(distance == familiarity.metric(known.embedding[...]))
            if known.distance <= golden.limit {
                #expect(bounded == known.embedding)
            } else {
                #expect(
                    abs(familiarity.metric(bounded[...]) - golden.limit) <= 1e-4 * golden.limit)
            }
            for (ours, theirs) in zip(bounded, known.bounded) {
                #expect(abs(ours - theirs) <= 1e-4)
            }
        }
    }

    @Test func `without components all directions count alike`() {
        let plain = MahalanobisDistance(
            mean: [1, 1], deviation: [1, 2], components: [], ridge: 0.5)
        // By hand: x̂ = (3, 4); 25 / (0.5 · 2) = 25.
        #expect(plain([4, 9]) == 5)
    }

    @Test func `a head is asked within the limit, and says how far away a sample was`() throws {
        let model = try model(familiarity, seeds: 3..<6)
        let scores = model.scores(matrix(golden.cases.map(\.embedding)))
        let within = model.ensemble.scores(matrix(golden.cases.map(\.bounded)))
        #expect(scores.count == golden.cases.count)
        for (index, known) in golden.cases.enumerated() {
            let distance = try #require(scores[index].distance)
            #expect(abs(distance - known.distance) <= 1e-5 * known.distance)
            let percentile = try #require(model.unfamiliarity(of: scores[index]))
            #expect(abs(percentile - known.percentile) <= 0.01)
            for (ours, theirs) in zip(scores[index].memberLogits, within[index].memberLogits) {
                #expect(abs(ours - theirs) <= 1e-3)
            }
            let alone = model.score(of: known.embedding)
            #expect(alone.distance == distance)
            #expect(abs(alone.logit - scores[index].logit) <= 1e-6)
        }
        // Of three heads the spread is still there.
        #expect(scores.allSatisfy { $0.logitSpread != nil })
    }

    @Test func `a model of ganrm 0.1 scores as it did and cannot tell what is unfamiliar`() throws {
        let model = try model(nil)
        let far = golden.cases.map(\.embedding)
        let scores = model.scores(matrix(far))
        #expect(scores == model.ensemble.scores(matrix(far)))
        for score in scores {
            #expect(score.distance == nil)
            #expect(model.unfamiliarity(of: score) == nil)
        }
        #expect(try self.model(familiarity).unfamiliarity(of: Score(logit: 1)) == nil)
    }

    @Test func `a video's distance is the mean of its clips', if all are known`() {
        func score(_ logit: Double, _ distance: Double?) -> Score {
            Score(memberLogits: [logit], distance: distance)
        }
        #expect(Pooling([score(1, 2), score(2, 4)]).score == score(1.5, 3))
        #expect(Pooling([score(1, nil), score(2, 4)]).score == score(1.5, nil))
        #expect(Pooling([score(1, 2), score(2, nil)]).score == score(1.5, nil))
    }

    @Test func `the fingerprint depends on what is familiar`() throws {
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

    @Test func `a model comes back from its file with what it is familiar with`() throws {
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

        // In half precision: 11 bits.
        let half = folder.path("half.safetensors")
        try model.write(to: half, as: .f16)
        let rounded = try #require(RewardModel.load(half).familiarity)
        let distance = rounded.metric(golden.cases[1].embedding[...])
        #expect(abs(distance / golden.cases[1].distance - 1) <= 0.01)
        #expect(rounded.scale == familiarity.scale)
    }

    @Test func `members of an ensemble share what they are familiar with`() throws {
        let path = folder.path("ensemble.safetensors")
        let model = try model(familiarity, seeds: 1..<4)
        try model.write(to: path)
        let loaded = try RewardModel.load(path)
        #expect(loaded.ensemble.members.count == 3)
        #expect(loaded.familiarity == familiarity)
        #expect(loaded.fingerprint == model.fingerprint)
    }

    /// A file whose tensor is another one; nil leaves it out.
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
    func `a file whose tensors are not what they should be is refused by name`(
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
            ("deviation", 0, "holds a number that is not above 0"),
            ("deviation", -1, "holds a number that is not above 0"),
            ("deviation", .infinity, "holds infinities or not-a-numbers"),
            ("mean", .nan, "holds infinities or not-a-numbers"),
        ] as [(String, Float, String)])
    func `a number that cannot be used is refused`(
        name: String, number: Float, problem: String
    ) throws {
        var elements = Array(Self.ones.prefix(12))
        elements[7] = number
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
    func `a scale that cannot be used is refused`(old: String, new: String) throws {
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
                reason: "its familiarity takes 12 numbers, the head 8")
        ) {
            try RewardModel(
                ensemble: HeadEnsemble(RewardHead(width: 8, seed: 0)),
                encoders: [.image: identity(width: 8)], familiarity: familiarity)
        }
    }
}
