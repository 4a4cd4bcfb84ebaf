import ArgumentParser
import Files
import Foundation
import Media
import Metrics
import Pipeline
import Scoring
import Serving

struct Serve: ParsableCommand {
    /// A protocol beside those that are always spoken.
    enum FurtherProtocol: String, ExpressibleByArgument, CaseIterable {
        case pickle
    }

    /// What a worker process computes.
    enum Work: String, ExpressibleByArgument {
        case reward, metrics
    }

    static let configuration = CommandConfiguration(
        abstract: "Answer calls for scores over HTTP.",
        discussion: """
            Speaks the protocols of UniRL's and Flow-Factory's reward servers and of KServe, and takes \
            files as they are. With --metrics, prompts are scored, too. SIGTERM lets the calls that have \
            begun end, SIGHUP reads the reward model again.
            """)

    @Option(help: "The address to listen at.")
    var host = "127.0.0.1"

    @Option(help: "The port; 0 is any that is free.")
    var port = 8080

    @Option(help: "Listen at a Unix socket instead.", completion: .paths)
    var socket: String?

    @Option(
        help: "A file with the token that clients send as Authorization: Bearer.",
        completion: .paths)
    var tokenFile: String?

    @Flag(help: "Serve other machines without a token.")
    var noToken = false

    @Option(
        name: .customLong("protocol"),
        help: "pickle: that of flow_grpo and verl-omni, too; nothing in a pickle is run.")
    var protocols: [FurtherProtocol] = []

    @Option(help: "Largest body of a request, in bytes.")
    var maxBody = ServerSettings().bodyLimit

    @Option(help: "Most bytes of all bodies in flight; requests beyond wait.")
    var queueBytes = ServerSettings().queueBytes

    @Option(help: "Seconds within which a request is answered.")
    var deadline = ServerSettings().deadline

    @Option(help: "Seconds that requests have to end after SIGTERM.")
    var drain = ServerSettings().drain

    @Option(
        name: .customLong("allow-path"),
        help: "A folder whose files requests may name, without links; may be repeated.",
        completion: .paths)
    var allowedFolders: [String] = []

    @Flag(help: "Decode and encode in a process of its own, which a file may crash.")
    var isolate = false

    /// Set for the process that `--isolate` starts.
    @Option(help: .hidden)
    var worker: Work?

    @Option(help: "The reward model: a file or folder, or default.", completion: .rewardModels)
    var model = "default"

    @OptionGroup(title: "Encoder") var encoder: EncoderOptions
    @OptionGroup(title: "Sampling") var sampling: SamplingOptions
    @OptionGroup(title: "Metrics") var metrics: ServedMetricOptions

    @Option(
        name: [.customShort("r"), .customLong("framerate")],
        help: "Frames per second of frames whose request does not say it (default: 25).")
    var frameRate: String?

    @Option(help: "Largest frame, in pixels.")
    var pixelLimit = MediaOptions().pixelLimit

    @Option(help: "Longest video, in seconds.")
    var durationLimit = 600.0

    func validate() throws {
        try OptionRange.check("--port", port, 0...65535)
        try OptionRange.check("--max-body", maxBody, ServerSettings.byteCounts)
        try OptionRange.check("--queue-bytes", queueBytes, ServerSettings.byteCounts)
        try OptionRange.check("--deadline", deadline, ServerSettings.seconds)
        try OptionRange.check("--drain", drain, ServerSettings.seconds)
        try OptionRange.check("--pixel-limit", pixelLimit, MediaOptions.pixelLimits)
        try OptionRange.check("--duration-limit", durationLimit, MediaOptions.durationLimits)
        guard tokenFile == nil || !noToken else {
            throw ValidationError("--no-token serves without the token of --token-file; use one")
        }
        guard ServerSettings(address: address).isLocal || tokenFile != nil || noToken else {
            throw ValidationError(
                "\(host) may be reached from other machines; add --token-file FILE, or --no-token")
        }
    }

    private var address: ServerSettings.Address {
        socket.map { .socket(path: $0) } ?? .host(host, port: port)
    }

    func run() throws {
        let load = load()
        switch worker {
        case .reward: return try ScoringWorker.run(load(nil))
        case .metrics: return try ScoringWorker.run(loadMetrics()())
        case nil: break
        }
        ProcessLimits.raiseOpenFiles()
        var settings = ServerSettings(address: address)
        settings.token = try tokenFile.map { try ServerSettings.token(path: $0) }
        settings.readsPickles = protocols.contains(.pickle)
        settings.bodyLimit = maxBody
        settings.queueBytes = queueBytes
        settings.deadline = deadline
        settings.drain = drain
        settings.allowedFolders = allowedFolders
        settings.frameRate = frameRate
        let engine = try ScoringEngine(isolation: isolation(.reward), load)
        let chosen = try metrics.chosen()
        let served =
            chosen.isEmpty
            ? nil
            : try ServedMetrics(
                chosen, beside: engine, isolation: isolation(.metrics), loadMetrics())
        let reloading = reload(engine)
        defer { withExtendedLifetime(reloading) {} }
        if socket != nil { umask(0o117) }

        nonisolated(unsafe) var outcome = Result<Void, any Error>.success(())
        let ended = DispatchSemaphore(value: 0)
        let server = Server(engine, metrics: served, settings)
        Task {
            do {
                try await server.run { Terminal.printMessage("ganrm: listening at \($0)") }
            } catch {
                outcome = .failure(error)
            }
            ended.signal()
        }
        ended.wait()
        try outcome.get()
    }

    /// Loads a reward model: that of the options, or one that a client has sent, which is an open file.
    private func load() -> ScoringEngine.Load {
        let (loading, model, overrides, batch, mediaOptions) = (
            encoder.loading, model, sampling.overrides(perClip: false), encoder.batch, mediaOptions
        )
        return { sent in
            let sent = sent ?? (model.hasPrefix("/proc/") ? model : nil)
            var scorer = try loading.scorer(model: sent ?? model)
            if sent != nil {
                scorer = Scorer(model: scorer.model, name: "upload", encoders: scorer.encoders)
            }
            return try InputScoring(
                scorer, sampling: overrides, mediaOptions: mediaOptions, batchSize: batch)
        }
    }

    private var mediaOptions: MediaOptions {
        MediaOptions(pixelLimit: pixelLimit, durationLimit: durationLimit)
    }

    private func loadMetrics() throws -> @Sendable () throws -> MetricEvaluation {
        try metrics.loading(encoder.compute, mediaOptions)
    }

    /// This program with the same options, as a worker.
    private func isolation(_ work: Work) -> Isolation? {
        guard isolate else { return nil }
        // A client waits no longer for its answer.
        return Isolation(
            executable: "/proc/self/exe",
            arguments: CommandLine.arguments.dropFirst() + ["--worker", work.rawValue],
            modelArguments: { ["--model", $0] }, timeout: deadline)
    }

    /// Reads the model again at each SIGHUP, beside the work.
    private func reload(_ engine: ScoringEngine) -> any DispatchSourceSignal {
        signal(SIGHUP, SIG_IGN)
        let source = DispatchSource.makeSignalSource(
            signal: SIGHUP, queue: DispatchQueue(label: "ganrm.reload"))
        source.setEventHandler {
            do {
                try engine.reload()
                Terminal.printMessage("ganrm: the reward model was read again")
            } catch {
                Terminal.printMessage("ganrm: the old reward model stays: \(error)")
            }
        }
        source.resume()
        return source
    }
}
