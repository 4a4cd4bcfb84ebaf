import Encoders
import Distances
import Files
import Foundation
import Frames
import Media
import Metrics
import Pipeline
import Preference
import Scoring
import TextFormats

extension RoundsConfiguration {
    /// The settings that determine the results, as stored in the state folder: all but the number of
    /// rounds, the timeouts, and options that only affect the encoders' speed.
    ///
    /// - Parameter promptText: Contents of the prompt file.
    func settings(promptText: String) throws -> [JSONValue.Member] {
        func texts(_ texts: [String]) -> JSONValue { .array(texts.map { .string($0) }) }
        let encoders = encoder.sources.sorted { $0.key.rawValue < $1.key.rawValue }.map {
            JSONValue.array([
                .string($0.key.rawValue), .string($0.value.name),
                $0.value.weights.map { .string($0) } ?? .null,
            ])
        }
        // Keys of unused options are left out, so that runs from before these options existed can resume.
        var copies: [JSONValue.Member] = []
        if degradedCopies.copiesPerSample > 0 {
            copies += [
                .init("perturb", .integer(degradedCopies.copyCount)),
                .init("degrade", texts(degradedCopies.filters)),
                .init("parts", .bool(trainsDegradationPart)),
            ]
        }
        if let motion { copies.append(.init("motion", .integer(motion))) }
        var measured: [JSONValue.Member] = []
        if !metrics.isEmpty {
            measured = [
                .init("metrics", texts(metrics.map(\.name))),
                .init("metric_frames", .integer(metricFrames)),
            ]
        }
        return copies + measured + [
            .init("seed", .string(String(seed))), .init("candidates", .integer(candidates)),
            .init("prompts", .string(promptText)), .init("proxy", texts(proxy)),
            .init("checkpoint", JSONValue(checkpoint)),
            .init("generate", texts(generate.command.texts)),
            .init("outputs", .string(outputs.description)),
            .init("train", train.map { texts($0.command.texts) } ?? .null),
            .init("new_checkpoint", .string(newCheckpoint)),
            .init("head", try Self.json(head)), .init("head_continues", .bool(headContinues)),
            .init("bootstrap", try Self.json(bootstrap)),
            .init("bootstrap_share", .number(bootstrapShare)),
            .init("encoders", .array(encoders)),
            .init("precision", .string(encoder.precision.precision.rawValue)),
            .init("taps", taps.map { .array($0.map { .integer($0) }) } ?? .null),
            .init("frames", JSONValue(frames)),
            .init("policy", .string(pairs.policy.rawValue)),
            .init("min_margin", .number(pairs.minMargin)),
            .init("max_spread", JSONValue(pairs.maxSpread)),
            .init("reject_excluded", .bool(pairs.rejectsExcluded)),
            .init("max_unfamiliar", .number(exclusion.maxUnfamiliar)),
            .init("allow_degenerate", .bool(exclusion.allowsDegenerate)),
            .init("sanity", .bool(trainsOnFailures)),
            .init("shrinkage", .string(shrinkage.rawValue)),
            .init("export", texts(pairFormats.map(\.rawValue))),
            .init("export_sft", texts(selectionFormats.map(\.rawValue))),
            .init("max_per_prompt", JSONValue(pairs.maxPairsPerPrompt)),
        ]
    }

    private static func json(_ value: some Encodable) throws -> JSONValue {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        return try JSONValue(parsing: String(decoding: try encoder.encode(value), as: UTF8.self))
    }

    /// The prompts: one per non-empty line, without surrounding white space.
    static func prompts(in text: String) -> [String] {
        var prompts: [String] = []
        TextLine.forEach(of: Data(text.utf8)) { line, _ in
            let prompt = line.text.trimmingCharacters(in: .whitespaces)
            if !prompt.isEmpty { prompts.append(prompt) }
        }
        return prompts
    }

    func folder(_ round: Int) -> RoundFolder { RoundFolder(state: state, round: round) }

    /// The values of all placeholders in a round.
    func values(round: Int) -> [Placeholder: String] {
        let folder = folder(round)
        let previous = round > 0 ? "\(self.folder(round - 1).path)/\(newCheckpoint)" : nil
        return [
            .round: String(round), .seed: String(seed &+ UInt64(round)),
            .prompts: folder.prompts, .candidates: String(candidates),
            .checkpoint: previous ?? checkpoint ?? "", .output: folder.outputs,
            .folder: folder.path, .sft: folder.sft, .pairs: folder.pairs, .ranks: folder.ranks,
            .exports: folder.exports, .head: folder.head,
            .newCheckpoint: "\(folder.path)/\(newCheckpoint)",
            .config: URL(fileURLWithPath: path).deletingLastPathComponent().path,
        ]
    }
}
