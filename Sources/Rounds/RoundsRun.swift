import Encoders
import Foundation
public import GANRM
import JSON
import Media
import Preference
import Reward
import Scoring
public import Store

/// Algorithm 1 of the paper: a generator and a head that change round after round.
///
///     let run = try RoundsRun(RoundsConfiguration(path: "rounds.yaml"))
///     try run.run { figures in print(figures.json) }
///
/// Each round generates, encodes, trains a head on proxy data against the outputs, ranks them, writes
/// lists for a trainer, says how good they are and trains the generator; a last look shows what the
/// last training did. Each step reads the files of those before it and writes its own, so that a run
/// that was stopped anywhere goes on and ends with the same files.
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
    ///   - store: Where embeddings are remembered besides.
    ///   - report: Called on the thread of `run`.
    /// - Throws: `RoundsError.unreadable` for the prompts, `.configuration` if there are none.
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

    /// Does what is left to do.
    ///
    /// - Parameter onFigures: Called for every round, also for those that were finished before.
    /// - Throws: `RoundsError`, `CancellationError` if the interruption was requested, and what
    ///   encoders, trainings and `onFigures` throw.
    public func run(onFigures: (RoundFigures) throws -> Void) throws {
        let state = try StateFolder(
            path: configuration.state,
            settings: try configuration.settings(promptText: promptText))
        if state.doneCount > 0 { report(.resumed(done: state.doneCount)) }
        try perform("proxy", name: "proxy data", in: state) {
            try encodeProxy()
        }
        for round in 0..<configuration.rounds {
            for step in RoundStep.ofRound {
                try perform(step, of: round, in: state)
                if step == .evaluate { try onFigures(try figures(of: round)) }
            }
        }
        if let round = configuration.lastLook {
            for step in RoundStep.ofLastLook { try perform(step, of: round, in: state) }
            try onFigures(try figures(of: round))
        }
    }

    private func perform(_ step: RoundStep, of round: Int, in state: StateFolder) throws {
        let folder = configuration.folder(round)
        let name = Self.name(step, of: round)
        try perform("\(round)/\(step.rawValue)", name: name, in: state) {
            switch step {
            case .generate: try generate(folder, name: name, lock: state.lock)
            case .encode: try encode(folder, name: name)
            case .head: try trainHead(folder)
            case .rank: try rank(folder)
            case .export: try export(folder)
            case .evaluate: try evaluate(folder, isLast: false)
            case .look: try evaluate(folder, isLast: true)
            case .train: try train(folder, name: name, lock: state.lock)
            }
        }
    }

    private func perform(
        _ step: String, name: String, in state: StateFolder, _ body: () throws -> Void
    ) throws {
        guard !state.isDone(step) else { return }
        try checkInterruption()
        report(.began(name: name))
        try body()
        try state.finish(step)
    }

    func checkInterruption() throws {
        if interruption.isRequested { throw CancellationError() }
    }

    /// How a step is called in messages.
    static func name(_ step: RoundStep, of round: Int) -> String {
        "round \(round): \(step.rawValue)"
    }

    private func figures(of round: Int) throws -> RoundFigures {
        let path = configuration.folder(round).figures
        let text = try readText(path)
        guard let figures = (try? JSONValue(parsing: text)).flatMap(RoundFigures.init(json:)) else {
            throw RoundsError.damagedState(path: path, reason: "it holds no figures")
        }
        return figures
    }
}
