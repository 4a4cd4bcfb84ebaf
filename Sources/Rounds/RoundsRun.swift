import Encoders
import Files
import Foundation
import Media
public import Pipeline
import Preference
import Scoring
public import Store
import TextFormats

/// Algorithm 1 of the paper: a generator and a head are trained in turn, round after round.
///
///     let run = try RoundsRun(RoundsConfiguration(path: "rounds.yaml"))
///     try run.run { metrics in print(metrics.json) }
///
/// Each round generates and encodes outputs, trains a head on proxy data against them, ranks them,
/// exports data sets for a trainer, computes metrics and trains the generator. A final evaluation
/// follows the last training. Each step reads the files of earlier steps and writes its own, so an
/// interrupted run resumes and produces the same files.
///
/// Source: arXiv 2506.13846, Algorithm 1.
public struct RoundsRun {
    let configuration: RoundsConfiguration
    let store: EmbeddingStore?
    let interruption: Interruption
    let report: (RoundsEvent) -> Void
    let encoders: EncoderSet
    let prompts: [String]
    private let promptText: String

    /// - Parameters:
    ///   - store: Cache for embeddings; nil disables it.
    ///   - report: Receives progress events, on the thread of `run`.
    /// - Throws: `RoundsError.file` for the prompt file, `.configuration` if it has no prompt.
    public init(
        _ configuration: RoundsConfiguration, store: EmbeddingStore? = nil,
        interruption: Interruption = Interruption(),
        report: @escaping (RoundsEvent) -> Void = { _ in }
    ) throws(RoundsError) {
        self.configuration = configuration
        self.store = store
        self.interruption = interruption
        self.report = report
        promptText = try readText(configuration.prompts)
        prompts = RoundsConfiguration.prompts(in: promptText)
        guard !prompts.isEmpty else {
            throw .configuration(path: configuration.prompts, line: nil, reason: "no prompt in it")
        }
        let block = configuration.motion
        encoders = configuration.encoder.encoders(taps: configuration.taps) { encoder in
            block.map { MotionRecipe.usual(block: $0, for: encoder) }
        }
    }

    /// Runs all steps that are not done yet.
    ///
    /// - Parameter onMetrics: Called with the metrics of every round, including rounds finished earlier.
    /// - Throws: `RoundsError`, `CancellationError` if the interruption was requested, and what
    ///   encoders, trainings and `onMetrics` throw.
    public func run(onMetrics: (RoundMetrics) throws -> Void) throws {
        let state = try StateFolder(
            path: configuration.state,
            settings: try configuration.settings(promptText: promptText))
        if state.doneCount > 0 {
            report(.resumed(done: state.doneCount))
        } else {
            try DryRun(configuration).checkStart()
        }
        try perform("proxy", name: "proxy data", in: state) {
            try encodeProxy()
        }
        for round in 0..<configuration.rounds {
            for step in RoundStep.ofRound {
                try perform(step, of: round, in: state)
                if step == .evaluate { try onMetrics(try metrics(of: round)) }
            }
        }
        if let round = configuration.finalEvaluationRound {
            for step in RoundStep.ofFinalEvaluation { try perform(step, of: round, in: state) }
            try onMetrics(try metrics(of: round))
        }
    }

    private func perform(_ step: RoundStep, of round: Int, in state: StateFolder) throws {
        let folder = configuration.folder(round)
        let name = Self.name(step, of: round)
        try perform("\(round)/\(step.rawValue)", name: name, in: state) {
            switch step {
            case .generate: try generate(folder, name: name, lock: state.lock.fileDescriptor)
            case .encode: try encode(folder, name: name)
            case .head: try trainHead(folder)
            case .rank: try rank(folder)
            case .export: try export(folder)
            case .evaluate: try evaluate(folder, isLast: false)
            case .look: try evaluate(folder, isLast: true)
            case .train: try train(folder, name: name, lock: state.lock.fileDescriptor)
            }
        }
    }

    private func perform(
        _ step: String, name: String, in state: StateFolder, _ body: () throws -> Void
    ) throws {
        guard !state.isDone(step) else { return }
        try interruption.check()
        report(.began(name: name))
        try body()
        try state.finish(step)
    }

    /// Name of a step in messages.
    static func name(_ step: RoundStep, of round: Int) -> String {
        "round \(round): \(step.rawValue)"
    }

    private func metrics(of round: Int) throws -> RoundMetrics {
        let path = configuration.folder(round).metrics
        let text = try readText(path)
        guard let metrics = (try? JSONValue(parsing: text)).flatMap(RoundMetrics.init(json:)) else {
            throw RoundsError.damagedState(path: path, reason: "it holds no metrics")
        }
        return metrics
    }
}
