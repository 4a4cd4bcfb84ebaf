import Encoders
import Foundation
import Frames
import Media
import Metrics
import Pipeline
import Preference
import Reward
import Scoring
import YAML

extension RoundsConfiguration {
    /// Reads a YAML file; see `docs/rounds.md` for its keys.
    ///
    /// Relative paths in it are resolved against its folder.
    ///
    /// - Throws: `RoundsError.configuration` with the line of the invalid key, or `.file`.
    public init(path: String) throws(RoundsError) {
        let path = Self.absolute(path, in: FileManager.default.currentDirectoryPath)
        let text = try readText(path)
        do throws(YAMLError) {
            try self.init(parsing: text, of: path)
        } catch {
            throw .configuration(path: path, line: error.line, reason: error.reason)
        }
    }

    private init(parsing text: String, of path: String) throws(YAMLError) {
        let url = URL(fileURLWithPath: path)
        let folder = url.deletingLastPathComponent().path
        func absolute(_ path: String) -> String { Self.absolute(path, in: folder) }
        var file = try YAMLMapping(parsing: text)

        func required(_ key: String) throws(YAMLError) -> String {
            guard let text = try file.text(key), !text.isEmpty else {
                throw file.refusal("'\(key)' is missing")
            }
            return text
        }
        prompts = absolute(try required("prompts"))
        var proxy: [String] = []
        try file.read("proxy", &proxy)
        guard !proxy.isEmpty else { throw file.refusal("'proxy' is missing") }
        self.proxy = proxy.map { InputSource.path($0).scheme == nil ? absolute($0) : $0 }
        var section = try file.section("generate")
        guard file.has("generate") else { throw file.refusal("'generate' is missing") }
        generate = try Self.step(&section)
        try outputs.read(from: &section)
        try section.finish()
        try Self.check(generate.command, section, refused: Placeholder.ofTraining)

        self.path = path
        state = absolute(
            try file.text("state")
                ?? url.deletingPathExtension().lastPathComponent + ".rounds")
        workingFolder = absolute(try file.text("working_folder") ?? ".")
        checkpoint = try file.text("checkpoint").map(absolute)
        try file.read("seed", &seed)
        try file.read("candidates", &candidates, in: 2...100_000)
        try file.read("rounds", &rounds, in: 1...1000)
        section = try file.section("train")
        if file.has("train") {
            let step = try Self.step(&section)
            try section.read("checkpoint", &newCheckpoint)
            guard !newCheckpoint.isEmpty, !newCheckpoint.contains("/") else {
                throw section.refusal("checkpoint", "is to be a name without a slash")
            }
            try section.finish()
            try Self.check(step.command, section, refused: [])
            train = step
        } else {
            if file.has("rounds"), rounds > 1 {
                throw file.refusal(
                    "rounds", "without a training command nothing changes from round to round")
            }
            rounds = 1
        }
        try readHead(&file)
        try readEncoder(&file, absolute)
        if motion != nil, !trainsDegradationPart {
            throw file.refusal("'encoder.motion' is for the part that judges it: add 'head.parts'")
        }
        degradedCopies.degradesMotion = motion != nil
        section = try file.section("pairs")
        try section.read("policy", &pairs.policy)
        try section.read("min_margin", &pairs.minMargin, in: PairSelection.logitDistances)
        pairs.maxSpread = try section.number("max_spread", in: PairSelection.logitDistances)
        pairs.maxPairsPerPrompt = try section.integer("max_per_prompt", in: PairSelection.counts)
        try section.read("reject_excluded", &pairs.rejectsExcluded)
        try section.read("export", &pairFormats)
        try section.finish()
        section = try file.section("exclude")
        try section.read("max_unfamiliar", &exclusion.maxUnfamiliar, in: 0...100)
        try section.read("allow_degenerate", &exclusion.allowsDegenerate)
        try section.finish()
        section = try file.section("sft")
        try section.read("export", &selectionFormats)
        try section.finish()
        section = try file.section("evaluate")
        try section.read("shrinkage", &shrinkage)
        try readMetrics(&section)
        try section.finish()
        try file.finish()
        let used = [generate.command, train?.command].compactMap(\.?.names.known)
        if checkpoint == nil, used.contains(where: { $0.contains(.checkpoint) }) {
            throw file.refusal(
                "a command uses {checkpoint}, but 'checkpoint' does not say which is the first")
        }
    }

    private static func absolute(_ path: String, in folder: String) -> String {
        let path = (path as NSString).expandingTildeInPath
        return URL(fileURLWithPath: path, relativeTo: URL(fileURLWithPath: folder + "/"))
            .standardizedFileURL.path
    }

    private static func step(_ section: inout YAMLMapping) throws(YAMLError) -> CommandStep {
        var step = CommandStep(command: try section.command("command"))
        step.timeout = try section.duration("timeout")
        try section.read("resumable", &step.isResumable)
        return step
    }

    /// Refuses unknown placeholders, and those that have no value yet.
    private static func check(
        _ command: CommandTemplate, _ section: YAMLMapping, refused: Set<Placeholder>
    ) throws(YAMLError) {
        let (known, unknown) = command.names
        if let word = unknown.first {
            let words = Placeholder.allCases.filter { !refused.contains($0) }.map(\.rawValue)
            throw section.refusal(
                "command",
                """
                there is no placeholder {\(word)}; known are \(words.joined(separator: ", ")), and \
                {{\(word)}} stands for the word in braces
                """)
        }
        if let early = known.intersection(refused).map(\.rawValue).min() {
            throw section.refusal("command", "{\(early)} is not known before candidates are ranked")
        }
    }

    private mutating func readMetrics(_ section: inout YAMLMapping) throws(YAMLError) {
        var names: [String] = []
        try section.read("metrics", &names)
        for name in names {
            let metric: Metric
            do { metric = try Metric.named(name) } catch {
                throw section.refusal("metrics", "\(error)")
            }
            guard !metric.isOfPairs else {
                throw section.refusal(
                    "metrics", "\(name) compares pairs, and outputs have no counterparts")
            }
            if !metrics.contains(metric) { metrics.append(metric) }
        }
        try section.read("metric_frames", &metricFrames, in: MetricEvaluation.frameCounts)
    }

    private mutating func readHead(_ file: inout YAMLMapping) throws(YAMLError) {
        var section = try file.section("head")
        try section.read("steps", &head.steps)
        try section.read("batch_size", &head.batchSize)
        try section.read("accumulation", &head.accumulation)
        try section.read("learning_rate", &head.learningRate)
        try section.read("warm_up_steps", &head.warmUpSteps)
        try section.read("weight_decay", &head.weightDecay)
        try section.read("dropout", &head.dropout)
        try section.read("architecture", &head.architecture)
        try section.read("strategy", &head.strategy)
        try section.read("checkpoints", &head.checkpoints)
        try section.read("checkpoint_interval", &head.checkpointInterval)
        try section.read("folds", &head.folds)
        try section.read("validation_share", &head.validationShare)
        try section.read("patience", &head.patience)
        try section.read("evaluation_interval", &head.evaluationInterval)
        try section.read("standardize", &head.standardizesEmbeddings)
        try section.read("continue", &headContinues)
        try section.read("sanity", &trainsOnFailures)
        try section.read("perturb", &degradedCopies.copyCount, in: DegradedCopies.copyCounts)
        try section.read("degrade", &degradedCopies.filters)
        do { try degradedCopies.checkFilters() } catch {
            throw section.refusal("degrade", "\(error)")
        }
        try section.read("perturbed_per_batch", &head.degradedPerBatch)
        try section.read("pair_weight", &head.pairWeight)
        try section.read("parts", &trainsDegradationPart)
        if trainsDegradationPart, degradedCopies.copiesPerSample == 0 {
            throw section.refusal("parts", "needs degraded copies: add 'perturb', as 6")
        }
        do { try head.validate() } catch { throw section.refusal("\(error)") }
        try section.finish()
        let combines = head.folds > 0 || head.combinesCheckpoints
        if headContinues && combines && head.strategy != .average {
            throw section.refusal("continue", "is for a single head, not for an ensemble")
        }
        section = try file.section("bootstrap")
        try section.read("top", &bootstrap.top)
        try section.read("bottom", &bootstrap.bottom)
        try section.read("alpha", &bootstrap.alpha)
        try section.read("iterations", &bootstrap.iterations)
        try section.read("share", &bootstrapShare)
        guard (0..<1).contains(bootstrapShare) else {
            throw section.refusal("share", "is to be at least 0 and below 1")
        }
        do { try bootstrap.validate() } catch { throw section.refusal("\(error)") }
        try section.finish()
    }

    private mutating func readEncoder(
        _ file: inout YAMLMapping, _ absolute: (String) -> String
    ) throws(YAMLError) {
        var section = try file.section("encoder")
        func source(_ name: String, _ weights: String) throws(YAMLError) -> EncoderSource? {
            guard let encoder = try section.text(name) else {
                if section.has(weights) { throw section.refusal(weights, "needs '\(name)'") }
                _ = try section.text(weights)
                return nil
            }
            return EncoderSource(
                name: encoder.hasSuffix(".json") ? absolute(encoder) : encoder,
                weights: try section.text(weights).map(absolute))
        }
        if let video = try source("name", "weights") {
            encoder.sources = [.image: video, .video: video]
        }
        if let image = try source("image_name", "image_weights") {
            encoder.sources[.image] = image
        }
        try section.read("precision", &encoder.precision)
        try section.read("threads", &encoder.threadCount, in: Encoder.threadCounts)
        try section.read("batch", &batch, in: EncodingPipeline.batchSizes)
        try section.read("taps", &taps)
        motion = try section.integer("motion", in: 1...4096)
        frames = try section.integer("frames", in: Sampling.frameCounts)
        try section.finish()
    }
}
