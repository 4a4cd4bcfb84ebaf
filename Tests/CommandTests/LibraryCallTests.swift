import Foundation
import Frames
import Pipeline
import Preference
import Reward
import Scoring
import Testing
import TestModels
import TestSupport
import TextFormats
import Training

/// The library's calls for scoring, ranking and training, compared with the program.
@Suite struct LibraryCallTests {
    private let fixture: ScoringFixture
    private let folder: TemporaryFolder

    init() throws {
        fixture = try ScoringFixture.shared.get()
        folder = try TemporaryFolder()
    }

    private var loader: ModelLoader {
        let source = EncoderSource(name: fixture.model.encoder, weights: fixture.model.weights)
        return ModelLoader(sources: [.image: source, .video: source])
    }

    private func scoring() throws -> InputScoring {
        try InputScoring(loader.scorer(model: fixture.head))
    }

    private var good: String { fixture.media.folder.path("good") }
    private var raw: String { fixture.media.folder.path("raw") }

    @Test func `scored inputs have the rows of ganrm score`() throws {
        let missing = folder.path("missing.mp4")
        var rows: [String] = []
        var clipCount = 0
        try scoring().run(RequestSource(inputs: [good, missing])) { event in
            switch event {
            case .clip: clipCount += 1
            case .dropped: Issue.record("a file never drops clips")
            case .ended(_, let row): rows.append(row.description)
            }
        }
        let program = try CommandRun.ganrm(["score", good, missing] + fixture.options)
        #expect(program.status == 1)
        #expect(rows.count == 7 && rows == program.lines)
        #expect(clipCount == 6)
    }

    @Test func `ranked candidates have the rows and pairs of the program`() throws {
        let candidates = try CandidateGrouping(rule: .file).candidates(in: [good, raw])
        var total: Int?
        var endCount = 0
        let scores = try scoring().table(of: candidates.inputs) { event in
            switch event {
            case .began(let count): total = count
            case .ended(_, let failure):
                endCount += 1
                #expect(failure == nil)
            }
        }
        #expect(total == 12 && endCount == 12)
        let ranking = CandidateRanking(candidates, scores: scores)
        #expect(ranking.failures.isEmpty && !ranking.isUngrouped)

        let options = [good, raw, "--group-by", "file"] + fixture.options
        let ranks = try CommandRun.ganrm(["rank"] + options)
        #expect(ranking.rows.count == 12)
        #expect(ranking.rows.map(\.description) == ranks.lines)
        let pairs = PairList(of: ranking.groups).pairs
        #expect(try pairs.map(\.row.description) == CommandRun.ganrm(["pairs"] + options).lines)

        let (known, knownScores) = try CandidateGrouping().scoredCandidates(
            in: folder.write(ranks.output, to: "ranks.jsonl"))
        let again = CandidateRanking(known, scores: knownScores)
        #expect(again.rows.map(\.description) == ranks.lines)
    }

    @Test func `a trained head has the bytes of that of ganrm train`() throws {
        var settings = TrainingSettings()
        settings.steps = 60
        settings.warmUpSteps = 10
        settings.learningRate = 0.001
        let embedding = InputEmbedding(
            loader.encoders(), sampling: SamplingOverrides(frameCount: 4))
        var sides: [TrainingSamples.Side] = []
        var totals: [Int?] = []
        let samples = try TrainingSides(proxy: [good], generated: [raw]).samples(by: embedding) {
            side, event in
            guard case .began(let total) = event else { return }
            sides.append(side)
            totals.append(total)
        }
        #expect(sides == [.proxy, .generated] && totals == [6, 6])
        let trained = try RewardModelTraining(
            samples, settings: settings,
            failures: FailureEmbedding.embeddings(for: samples, by: loader)
        ).run()
        #expect(trained.check.rows.count == FailurePattern.all.count)
        try trained.model.write(to: folder.path("head.safetensors"))
        #expect(
            try folder.bytes("head.safetensors")
                == Array(Data(contentsOf: URL(fileURLWithPath: fixture.head))))
    }

    @Test func `interrupted calls without a partial result throw CancellationError`() throws {
        let interruption = Interruption()
        interruption.request()
        #expect(throws: CancellationError.self) {
            try scoring().table(of: [good + "/0.mp4"], interruption: interruption)
        }
        let sides = TrainingSides(proxy: [good], generated: [raw])
        #expect(throws: CancellationError.self) { try sides.match(interruption: interruption) }
        #expect(throws: CancellationError.self) {
            try sides.samples(
                by: InputEmbedding(loader.encoders()), interruption: interruption)
        }
    }

    @Test func `a match and degraded copies need frames`() throws {
        var sides = TrainingSides(proxy: ["good.safetensors"], generated: [raw])
        #expect(
            throws: TrainingError.framesNeeded(path: "good.safetensors", option: "--match")
        ) { try sides.match() }
        sides.degradedCopies.copyCount = 2
        #expect(
            throws: TrainingError.framesNeeded(path: "good.safetensors", option: "--perturb")
        ) { try sides.samples(by: InputEmbedding(loader.encoders())) }
    }
}
