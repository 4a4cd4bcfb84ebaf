import Encoders
import Foundation
import Frames
import Pipeline
import Reward
import Statistics
import Testing
import TestSupport
import TextFormats
import Training

/// Familiarity, failures and damage in trainings on synthetic normal samples.
@Suite struct FamiliarityFitTests {
    private static let width = 16
    /// Absolute mean of the first half of the elements.
    private static let shift: Float = 1

    /// Normally distributed values by the Box-Muller transform.
    private struct Normal {
        private var generator: SplitMix

        init(seed: UInt64) { generator = SplitMix(state: seed) }

        mutating func next() -> Float {
            func unit() -> Double { (Double(generator.next() >> 11) + 0.5) * 0x1p-53 }
            let radius = (-2 * log(unit())).squareRoot()
            return Float(radius * cos(2 * Double.pi * unit()))
        }

        /// A sample of a class, with correlated neighbouring elements.
        mutating func sample(isProxy: Bool) -> [Float] {
            let noise = (0...width).map { _ in next() }
            return (0..<width).map { i in
                let mean = i < width / 2 ? (isProxy ? shift : -shift) : 0
                return mean + 0.8 * noise[i] + 0.6 * noise[i + 1]
            }
        }
    }

    private static let identity = EncoderIdentity(
        name: "made-up", fingerprint: "f00d",
        preprocessing: Preprocessing(
            resize: .shortSide, size: 32, filter: .pillowBicubic, crop: 32,
            mean: [0.5, 0.5, 0.5], deviation: [0.5, 0.5, 0.5]),
        taps: [2], embeddingWidth: width)

    /// An embedding set of vectors with input rows.
    ///
    /// - Parameters:
    ///   - size: Samples per group; 0 for no groups.
    ///   - reason: Degeneracy of the sample with an index.
    private static func set(
        _ vectors: [[Float]], named name: String, groupsOf size: Int = 2,
        reason: (Int) -> Degeneracy? = { _ in nil }
    ) -> EmbeddingSet {
        var set = EmbeddingSet(
            encoders: [.video: identity], sampling: .uniform(UniformSampling(frameCount: 8)))
        for (index, vector) in vectors.enumerated() {
            var row: [JSONValue.Member] = [
                .init("input", .string("\(name)-\(index)")), .init("kind", .string("video")),
            ]
            if size > 0 { row.append(.init("group", .string("\(name)-\(index / size)"))) }
            if let reason = reason(index) {
                row.append(.init("degenerate", .string(reason.rawValue)))
            }
            set.append(vector, input: .object(row))
        }
        return set
    }

    private static func vectors(_ count: Int, isProxy: Bool, seed: UInt64) -> [[Float]] {
        var normal = Normal(seed: seed)
        return (0..<count).map { _ in normal.sample(isProxy: isProxy) }
    }

    /// Training samples, by default 60 of each class.
    private static func samples(
        count: Int = 60, reason: (Int) -> Degeneracy? = { _ in nil }
    ) throws -> TrainingSamples {
        var samples = TrainingSamples()
        try samples.append(
            set(vectors(count, isProxy: true, seed: 1), named: "proxy", reason: reason), as: .proxy)
        try samples.append(
            set(vectors(count, isProxy: false, seed: 2), named: "raw"), as: .generated)
        return samples
    }

    private static func settings(
        _ architecture: HeadArchitecture = .projection, steps: Int = 1
    ) -> TrainingSettings {
        var settings = TrainingSettings()
        settings.architecture = architecture
        settings.steps = steps
        settings.warmUpSteps = 20
        settings.learningRate = architecture == .linear ? 1e-2 : 1e-3
        return settings
    }

    private func trained(
        _ samples: TrainingSamples, _ settings: TrainingSettings = Self.settings(),
        failures: [[Float]] = []
    ) throws -> RewardModel {
        let failures = failures.map {
            FailureEmbedding(
                pattern: FailurePattern.inTraining[0], kind: .video, embedding: $0, degeneracy: nil)
        }
        return try RewardModelTraining(samples, settings: settings, failures: failures).run().model
    }

    private func unfamiliarity(_ model: RewardModel, _ embedding: [Float]) throws -> Double {
        try #require(model.unfamiliarity(of: model.score(of: embedding)))
    }

    @Test(arguments: [HeadArchitecture.projection, .linear])
    func `new samples are familiar, distant ones are not`(
        architecture: HeadArchitecture
    ) throws {
        let model = try trained(Self.samples(), Self.settings(architecture))
        let familiarity = try #require(model.familiarity)
        for isProxy in [true, false] {
            let new = Self.vectors(500, isProxy: isProxy, seed: isProxy ? 11 : 12)
            let percentiles = try new.map { try unfamiliarity(model, $0) }
            let beyond = percentiles.count { $0 > Familiarity.defaultMaximum }
            #expect(beyond < 25, "\(beyond) of 500")
            // Percentiles are spread over the whole scale.
            #expect((100...400).contains(percentiles.count { $0 < 50 }))
        }
        var generator = SplitMix(state: 13)
        for index in 0..<Self.width {
            // Ten standard deviations away, in all elements and in a single one.
            let signs = (0..<Self.width).map { _ in Float(generator.next() % 2 == 0 ? 10 : -10) }
            let single = (0..<Self.width).map { Float($0 == index ? 10 : 0) }
            for steps in [signs, single] {
                let far = zip(familiarity.metric.mean, zip(familiarity.metric.deviation, steps))
                    .map { $0 + $1.0 * $1.1 }
                #expect(try unfamiliarity(model, far) > Familiarity.defaultMaximum)
            }
        }
        #expect(try unfamiliarity(model, familiarity.metric.mean) == 0)
    }

    /// Mean and deviations computed directly, the covariance inverted by Gaussian elimination. With
    /// 16 elements no component is left out.
    @Test func `distances use the joint covariance of both classes`() throws {
        let samples = try Self.samples()
        let familiarity = try #require(try trained(samples).familiarity)
        let all = samples.examples.map { $0.embedding.map(Double.init) }
        let mean = (0..<Self.width).map { i in Self.mean(all.map { $0[i] }) }
        let deviation = (0..<Self.width).map { i in
            Self.mean(all.map { ($0[i] - mean[i]) * ($0[i] - mean[i]) }).squareRoot()
        }
        let standardized = all.map { sample in
            (0..<Self.width).map { (sample[$0] - mean[$0]) / deviation[$0] }
        }
        let ridge = familiarity.scale.ridge
        let covariance = (0..<Self.width).map { i in
            (0..<Self.width).map { j in
                Self.mean(standardized.map { $0[i] * $0[j] }) + (i == j ? ridge : 0)
            }
        }
        for new in Self.vectors(20, isProxy: true, seed: 14) {
            let x = (0..<Self.width).map { (Double(new[$0]) - mean[$0]) / deviation[$0] }
            let solved = Self.solve(covariance, x)
            let square = zip(x, solved).reduce(0) { $0 + $1.0 * $1.1 } / Double(Self.width)
            #expect(abs(familiarity.metric(new[...]) / square.squareRoot() - 1) <= 1e-4)
        }
        #expect(familiarity.scale.count == 120)
    }

    private static func mean(_ values: [Double]) -> Double {
        values.reduce(0, +) / Double(values.count)
    }

    private static func solve(_ matrix: [[Double]], _ right: [Double]) -> [Double] {
        var rows = zip(matrix, right).map { $0 + [$1] }
        let size = right.count
        for pivot in 0..<size {
            let scale = rows[pivot][pivot]
            for column in 0...size { rows[pivot][column] /= scale }
            for row in 0..<size where row != pivot {
                let factor = rows[row][pivot]
                for column in 0...size { rows[row][column] -= factor * rows[pivot][column] }
            }
        }
        return rows.map { $0[size] }
    }

    @Test(arguments: [HeadArchitecture.projection, .linear])
    func `logits are bounded with distance`(
        architecture: HeadArchitecture
    ) throws {
        let model = try trained(Self.samples(), Self.settings(architecture, steps: 300))
        let mean = try #require(model.familiarity).metric.mean
        var generator = SplitMix(state: 15)
        var largest = 0.0
        for _ in 0..<10 {
            let direction = (0..<Self.width).map { _ in
                Float(generator.next() >> 40) * 0x1p-23 - 1
            }
            func at(_ distance: Float) -> [Float] {
                zip(mean, direction).map { $0 + distance * $1 }
            }
            let logits = [100, 1000, 1e6].map { model.score(of: at($0)).logit }
            #expect(abs(logits[1] - logits[0]) <= 1e-3 && abs(logits[2] - logits[0]) <= 1e-3)
            // The logits of the head alone are not bounded.
            let examples = [at(100), at(1000)].map { Example(embedding: $0, label: 0) }
            let alone = model.ensemble.logits(of: examples)
            largest = max(largest, abs(alone[1] - alone[0]))
        }
        #expect(largest > 10)
    }

    /// Failures beyond the proxies in the elements that separate the classes, and away from both
    /// classes in the others. A linear head that was trained without them takes them for proxies.
    private static func failures(_ count: Int, seed: UInt64) -> [[Float]] {
        var normal = Normal(seed: seed)
        return (0..<count).map { _ in
            (0..<width).map { ($0 < width / 2 ? 3 : 5) * shift + 0.3 * normal.next() }
        }
    }

    @Test(arguments: [HeadArchitecture.projection, .linear])
    func `failures used in training score below the median proxy`(
        architecture: HeadArchitecture
    ) throws {
        let samples = try Self.samples()
        let settings = Self.settings(architecture, steps: 800)
        let shown = Self.failures(20, seed: 16)
        let new = Self.failures(20, seed: 17)
        let model = try trained(samples, settings, failures: shown)
        let median = Double(try #require(model.reference).proxy.quantiles[50])
        for failure in shown + new { #expect(model.score(of: failure).logit < median) }
        #expect(model.training?.metrics.failureCount == 20)
        // The classes are still separated.
        #expect(try #require(model.training?.metrics.training.auc) > 0.95)

        if architecture == .linear {
            let plain = try trained(samples, settings)
            for failure in new {
                #expect(plain.score(of: failure).logit > 0 && model.score(of: failure).logit < 0)
            }
            #expect(plain.training?.metrics.failureCount == 0)
        }
    }

    @Test func `degenerate samples and degraded copies do not change familiarity`() throws {
        let plain = try #require(trained(Self.samples()).familiarity)
        var samples = try Self.samples()
        var copies = EmbeddingSet(
            encoders: [.video: Self.identity], sampling: .uniform(UniformSampling(frameCount: 8)))
        for (index, vector) in Self.failures(30, seed: 18).enumerated() {
            copies.append(
                vector,
                input: .object([
                    .init("input", .string("copy-\(index)")), .init("kind", .string("video")),
                    .init("group", .string("raw-\(index)")), .init("perturbed", .bool(true)),
                    .init("of", .string("raw-\(index)")),
                ]))
        }
        try samples.append(copies, as: .generated)
        try samples.append(
            Self.set(Self.failures(30, seed: 19), named: "black") { _ in .oneColour },
            as: .generated)
        #expect(try trained(samples).familiarity == plain)
    }

    @Test func `familiarity requires enough samples`() throws {
        #expect(try trained(Self.samples(count: 4)).familiarity == nil)
        #expect(try trained(Self.samples(count: 10)).familiarity != nil)
    }

    @Test func `degenerate proxy samples are left out with a warning`() throws {
        let samples = try Self.samples { index in
            index < 3 ? .oneColour : index < 5 ? .noise : nil
        }
        #expect(samples.examples.count == 55 + 60)
        #expect(!samples.examples.compactMap(\.name).contains("proxy-4"))
        #expect(samples.examples.compactMap(\.name).contains("proxy-5"))
        #expect(
            samples.warnings.first
                == "5 proxy samples show nothing (one colour 3, noise 2) and are left out")
        let single = try Self.samples { $0 == 7 ? .frozen : nil }
        #expect(single.examples.count == 119)
        #expect(
            single.warnings.first == "1 proxy sample shows nothing (frozen 1) and is left out")
        #expect(try Self.samples().warnings.allSatisfy { !$0.contains("nothing") })
    }

    @Test(arguments: [30, 60])
    func `degenerate proxy samples are kept if they are at least half of the side`(
        count: Int
    ) throws {
        let samples = try Self.samples { $0 < count ? .noDetail : nil }
        #expect(samples.examples.count == 120)
        #expect(
            samples.warnings.first == """
                \(count) proxy samples show nothing (no detail \(count)) and are trained on all the \
                same: they are at least half of the side
                """)
        #expect(try Self.samples { $0 < 29 ? .noDetail : nil }.examples.count == 91)
    }

    @Test func `degenerate generated samples are used in training`() throws {
        var samples = try Self.samples()
        try samples.append(
            Self.set(Self.failures(5, seed: 20), named: "black") { _ in .oneColour },
            as: .generated)
        #expect(samples.examples.count == 125)
        #expect(samples.examples.suffix(5).allSatisfy { $0.isExcluded && $0.label == 0 })
        #expect(samples.warnings.allSatisfy { !$0.contains("nothing") })
    }

    /// The first five candidates are proxies without noise and get the highest scores.
    @Test func `a degenerate candidate never becomes a pseudo-positive`() throws {
        let ideal = (0..<Self.width).map { $0 < Self.width / 2 ? 2 * Self.shift : 0 }
        let candidates =
            Array(repeating: ideal, count: 5) + Self.vectors(35, isProxy: false, seed: 21)
        func best(_ reason: (Int) -> Degeneracy?) throws -> Set<Int> {
            var samples = try Self.samples()
            try samples.append(
                Self.set(candidates, named: "candidate", groupsOf: 0, reason: reason),
                as: .candidates)
            var bootstrap = RankBootstrap()
            (bootstrap.top, bootstrap.bottom) = (5, 5)
            var found: Set<Int> = []
            _ = try RewardModelTraining(
                samples, settings: Self.settings(.linear, steps: 300), bootstrap: bootstrap
            ).run { _, event in
                guard case .ranked(let labels) = event else { return }
                found = Set(labels.filter { $0.rank != nil }.map(\.index))
            }
            return found
        }
        #expect(try best { _ in nil } == Set(0..<5))
        #expect(try best { $0 < 5 ? .frozen : nil }.isDisjoint(with: 0..<5))
        #expect(throws: RewardError.self) { try best({ $0 < 36 ? .noise : nil }) }
    }

    @Test func `an unfamiliar candidate never becomes a pseudo-positive`() throws {
        let candidates = Self.failures(5, seed: 22) + Self.vectors(35, isProxy: true, seed: 23)
        var samples = try Self.samples()
        try samples.append(
            Self.set(candidates, named: "candidate", groupsOf: 0), as: .candidates)
        var bootstrap = RankBootstrap()
        (bootstrap.top, bootstrap.bottom) = (10, 10)
        var best: Set<Int> = []
        var worst: Set<Int> = []
        _ = try RewardModelTraining(
            samples, settings: Self.settings(.linear, steps: 300), bootstrap: bootstrap
        ).run { _, event in
            guard case .ranked(let labels) = event else { return }
            best = Set(labels.filter { $0.rank != nil }.map(\.index))
            worst = Set(labels.filter { $0.rank == nil }.map(\.index))
        }
        #expect(best.count == 10 && best.isDisjoint(with: 0..<5))
        #expect(worst.isSuperset(of: 0..<5))
    }

    /// Originals and degraded copies of the given kinds.
    private static func damaged(
        _ vectors: [[Float]], named name: String, kinds: [String], seed: UInt64
    ) -> EmbeddingSet {
        var noise = Normal(seed: seed)
        var set = set(vectors, named: name)
        for (index, vector) in vectors.enumerated() {
            for kind in kinds {
                set.append(
                    copy(of: vector, kind: kind, &noise),
                    input: .object([
                        .init("input", .string("\(name)-\(index)")),
                        .init("kind", .string("video")),
                        .init("group", .string("\(name)-\(index / 2)")),
                        .init("perturbed", .bool(true)), .init("of", .string("\(name)-\(index)")),
                        .init("kind_of_damage", .string(kind)),
                    ]))
            }
        }
        return set
    }

    /// A degraded copy: `more` adds to some elements, `less` subtracts from others, any other kind
    /// adds noise to all.
    private static func copy(of vector: [Float], kind: String, _ noise: inout Normal) -> [Float] {
        vector.enumerated().map { i, value in
            switch kind {
            case "more": value + (i >= 12 ? 2 : 0)
            case "less": value - (8..<12 ~= i ? 2 : 0)
            default: value + 2 * noise.next()
            }
        }
    }

    @Test func `copies have higher damage than originals, also for unseen kinds`() throws {
        var samples = TrainingSamples()
        let (good, raw) = (
            Self.vectors(60, isProxy: true, seed: 1), Self.vectors(60, isProxy: false, seed: 2)
        )
        let kinds = ["more", "less"]
        try samples.append(
            Self.damaged(good, named: "proxy", kinds: kinds, seed: 3), as: .proxy)
        try samples.append(
            Self.damaged(raw, named: "raw", kinds: kinds, seed: 4), as: .generated)
        let training = try RewardModelTraining(
            samples, settings: Self.settings(.linear, steps: 200), trainsDegradationPart: true)
        // The head is trained without the copies.
        #expect(training.plan.parts.allSatisfy { $0.training.allSatisfy { !$0.isDegraded } })
        let model = try training.run().model
        let part = try #require(model.degradation)
        #expect(part.scale.copyCount == 240 && part.scale.kinds == ["less", "more"])

        var noise = Normal(seed: 5)
        for isProxy in [true, false] {
            let new = Self.vectors(200, isProxy: isProxy, seed: isProxy ? 21 : 22)
            let deviations = new.map(part.deviations)
            // New samples without damage have a median near 0, for both classes.
            #expect(abs(quantile(0.5, ofSorted: deviations.sorted())) < 0.5)
            for (kind, least) in [("more", 0.9), ("less", 0.9), ("noise", 0.85)] {
                let higher = zip(new, deviations).count { vector, before in
                    part.deviations(of: Self.copy(of: vector, kind: kind, &noise)) > before
                }
                #expect(Double(higher) / 200 >= least, "\(kind): \(higher) of 200")
            }
        }
        // Percentiles include the damage: the median of new generated samples is near 50.
        let reference = try #require(model.reference)
        let logits = Self.vectors(200, isProxy: false, seed: 23).map { model.score(of: $0).logit }
        let middle = logits.map(reference.generated.percentile).sorted()[100]
        #expect((25...75).contains(middle), "\(middle)")
    }

    @Test func `the damage part requires degraded copies`() throws {
        #expect(throws: RewardError.self) {
            try RewardModelTraining(
                Self.samples(), settings: Self.settings(), trainsDegradationPart: true)
        }
    }
}
