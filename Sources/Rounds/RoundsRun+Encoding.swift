import Encoders
import Foundation
import Frames
import GANRM
import JSON
import Preference
import Scoring

extension RoundsRun {
    var proxyEmbeddings: String { configuration.state + "/proxy.safetensors" }

    /// Embeds the proxy data, once for all rounds.
    func encodeProxy() throws {
        let (set, failures) = try embed(try RequestSource(side: configuration.proxy))
        for failure in failures.values.sorted() { report(.warning(failure)) }
        guard !set.vectors.isEmpty else {
            throw RoundsError.nothingEncoded(
                what: "the proxy data", reason: failures.values.min() ?? "there is none")
        }
        try set.write(to: proxyEmbeddings)
    }

    /// Gives the outputs to their prompts and embeds them.
    func encode(_ folder: RoundFolder, name: String) throws {
        let list = try configuration.outputs.candidates(
            in: folder.outputs, promptFile: folder.prompts)
        for failure in list.failures { report(.warning(failure)) }
        let groups = list.groups
        let requests = groups.flatMap { group in
            group.candidates.map {
                Request(input: $0.input, extras: [.init("group", .string(group.name))])
            }
        }
        let log = folder.log(of: .generate)
        guard !requests.isEmpty else {
            throw RoundsError.nothingMade(
                step: Self.name(.generate, of: folder.round),
                reason: list.failures.first
                    ?? "there is no video or picture in '\(folder.outputs)'", log: log)
        }
        let (set, failures) = try embed(RequestSource(requests))
        for failure in failures.sorted(by: { $0.key < $1.key }) { report(.warning(failure.value)) }
        guard !set.vectors.isEmpty else {
            throw RoundsError.nothingEncoded(
                what: "the generator's outputs", reason: failures.values.min() ?? "there is none")
        }
        let wanted = configuration.candidates
        if groups.count < prompts.count {
            report(
                .warning("\(name): \(prompts.count - groups.count) prompts have no output at all"))
        }
        let short = groups.filter { $0.candidates.count < wanted }
        if let group = short.first {
            report(
                .warning(
                    """
                    \(name): \(short.count) of \(groups.count) prompts have fewer than \(wanted) \
                    outputs, '\(group.prompt ?? group.name)' has \(group.candidates.count)
                    """))
        }
        try set.write(to: folder.embeddings)
        try RoundCandidates(groups, failures: failures).write(to: folder.candidates)
    }

    /// The embeddings of inputs, and of those that have none why.
    private func embed(
        _ requests: RequestSource
    ) throws -> (EmbeddingSet, failures: [String: String]) {
        let usual = try encoders.encoder(for: .video).usualSampling
        let sampling = configuration.frames.map {
            Sampling.uniform(UniformSampling(frameCount: $0))
        }
        let plan = SamplingPlan(file: sampling ?? usual)
        var failures: [String: String] = [:]
        var done = 0
        let embeddings = try EncodingPipeline(
            encoders: encoders, samplingPlan: plan, batchSize: configuration.batch, store: store
        ).embeddings(next: { requests.next() }, interruption: interruption) { request, failure in
            if let failure { failures[request.input] = failure }
            done += 1
            report(.encoded(done, of: requests.total ?? done))
        }
        try checkInterruption()
        return (embeddings, failures)
    }
}
