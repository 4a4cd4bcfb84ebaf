import Encoders
import Foundation
import Frames
import Media
import Pipeline
import Reward
import Testing
import TestSupport
import TextFormats
import Training

/// Trainings of the damage part on synthetic embeddings, for content and for motion.
@Suite struct DegradationFitTests {
    private static let width = 16
    private static let featureCount = MotionRecipe.featureCount

    private static func identity(hasMotion: Bool) -> EncoderIdentity {
        EncoderIdentity(
            name: "made-up", fingerprint: "f00d",
            preprocessing: Preprocessing(
                resize: .shortSide, size: 32, filter: .pillowBicubic, crop: 32,
                mean: [0.5, 0.5, 0.5], deviation: [0.5, 0.5, 0.5]),
            taps: [2], motion: hasMotion ? MotionRecipe(block: 2, burst: 4) : nil,
            embeddingWidth: width + (hasMotion ? featureCount : 0))
    }

    /// Noise with class and damage added: the class to element 0 and blur to element 3 of the
    /// content, jerky motion to motion feature 2.
    private static func vector(
        _ generator: inout SplitMix, class sign: Float, blurred: Float = 0, jerky: Float = 0,
        isImage: Bool = false, hasMotion: Bool = true
    ) -> [Float] {
        func noise() -> Float {
            (0..<4).reduce(0) { sum, _ in sum + Float.random(in: -1...1, using: &generator) } / 2
        }
        var content = (0..<width).map { _ in noise() }
        content[0] += sign
        content[3] += blurred
        var motion = (0..<featureCount).map { _ in noise() }
        motion[2] += jerky
        motion[featureCount - 1] = 1
        return content + (!hasMotion ? [] : isImage ? motion.map { _ in 0 } : motion)
    }

    private static func samples(
        hasMotion: Bool = true, images: Int = 0, group: String? = nil
    ) throws -> TrainingSamples {
        var generator = SplitMix(state: 31)
        var samples = TrainingSamples()
        for (side, name, sign) in [
            (TrainingSamples.Side.proxy, "proxy", Float(1)), (.generated, "raw", -1),
        ] {
            var set = EmbeddingSet(
                encoders: [.video: identity(hasMotion: hasMotion)],
                sampling: .uniform(UniformSampling(frameCount: 8, burst: 4)))
            for index in 0..<60 {
                let input = "\(name)-\(index)"
                let isImage = index < images
                let seed = generator.next()
                func add(blurred: Float = 0, jerky: Float = 0, kind: Degradation.Kind? = nil) {
                    var row: [JSONValue.Member] = [
                        .init("input", .string(input + (kind.map { " \($0)" } ?? ""))),
                        .init("kind", .string("video")), .init("group", .string(group ?? input)),
                    ]
                    if let kind {
                        row += [
                            .init("perturbed", .bool(true)), .init("of", .string(input)),
                            .init("kind_of_damage", .string(kind.rawValue)),
                        ]
                    }
                    // The same seed gives a copy of the original, apart from the damage.
                    var copyGenerator = SplitMix(state: seed)
                    set.append(
                        vector(
                            &copyGenerator, class: sign, blurred: blurred, jerky: jerky,
                            isImage: isImage, hasMotion: hasMotion), input: .object(row))
                }
                add()
                add(blurred: 2, kind: .blur)
                add(jerky: 2, kind: .stutter)
            }
            try samples.append(set, as: side)
        }
        return samples
    }

    private static func trained(_ samples: TrainingSamples, parts: Bool = true) throws
        -> RewardModel
    {
        var settings = TrainingSettings()
        settings.architecture = .linear
        settings.steps = 100
        settings.learningRate = 1e-2
        settings.warmUpSteps = 10
        return try RewardModelTraining(samples, settings: settings, trainsDegradationPart: parts)
            .run().model
    }

    /// Mean damage over 200 new samples.
    private static func damage(
        _ model: RewardModel, blurred: Float = 0, jerky: Float = 0, isImage: Bool = false
    ) throws -> Double {
        var generator = SplitMix(state: 77)
        let damages = try (0..<200).map { index in
            try #require(
                model.score(
                    of: vector(
                        &generator, class: index.isMultiple(of: 2) ? 1 : -1, blurred: blurred,
                        jerky: jerky, isImage: isImage)
                ).degradationPenalty)
        }
        return damages.reduce(0, +) / 200
    }

    @Test(arguments: [0, 30])
    func `damage to content and to motion is detected`(images: Int) throws {
        let model = try Self.trained(Self.samples(images: images))
        let part = try #require(model.degradation)
        #expect(part.motion != nil)
        let baseline = try Self.damage(model)
        #expect(abs(baseline) < 0.5 * part.scale.weight)
        #expect(try Self.damage(model, blurred: 2) > baseline + 0.3 * part.scale.weight)
        #expect(try Self.damage(model, jerky: 2) > baseline + 0.3 * part.scale.weight)
        // Images are judged by their content alone and have no higher damage.
        let imageDamage = try Self.damage(model, isImage: true)
        #expect(abs(imageDamage - baseline) < 0.2 * part.scale.weight)
        #expect(
            try Self.damage(model, jerky: 2, isImage: true)
                == Self.damage(model, isImage: true))
    }

    @Test func `samples of a single group are split by sample`() throws {
        let model = try Self.trained(Self.samples(group: "one"))
        let part = try #require(model.degradation)
        #expect(try Self.damage(model, blurred: 2) > Self.damage(model) + 0.3 * part.scale.weight)
    }

    @Test func `without motion features the damage part has no motion`() throws {
        let model = try Self.trained(Self.samples(hasMotion: false))
        #expect(try #require(model.degradation).motion == nil)
        #expect(model.encoders[.video]?.motion == nil)
    }

    /// The head shares the embeddings of its training with models that judge motion.
    @Test func `a head without parts keeps the motion of its encoder and does not judge it`() throws
    {
        let model = try Self.trained(Self.samples(), parts: false)
        #expect(model.degradation == nil)
        #expect(model.encoders[.video] == Self.identity(hasMotion: true))
        let plain = try Self.trained(Self.samples(hasMotion: false), parts: false)
        #expect(plain.ensemble.parameters == model.ensemble.parameters)
    }

    @Test func `training continues from a head with other parts`() throws {
        let samples = try Self.samples()
        let model = try Self.trained(samples)
        var settings = TrainingSettings()
        settings.architecture = .linear
        settings.steps = 5
        for start in [model, try Self.trained(samples, parts: false)] {
            let next = try RewardModelTraining(
                samples, settings: settings, trainsDegradationPart: true, initial: start
            ).run().model
            #expect(next.degradation != nil && next.training?.lineage == [start.fingerprint])
        }
    }
}
