import Foundation
import Pipeline
import Preference
import Scoring
import TextFormats

extension RoundsRun {
    var proxyEmbeddings: String { configuration.state + "/proxy.safetensors" }
    var proxyCopies: String { configuration.state + "/proxy-copies.safetensors" }

    /// Embeds the proxy data, once for all rounds.
    func encodeProxy() throws {
        let (set, copies, failures) = try embed(
            RequestSource(side: configuration.proxy), copies: configuration.degradedCopies)
        for failure in failures.values.sorted() { report(.warning(failure)) }
        guard !set.vectors.isEmpty else {
            throw RoundsError.nothingEncoded(
                what: "the proxy data", reason: failures.values.min() ?? "there is none")
        }
        try set.write(to: proxyEmbeddings)
        if !copies.vectors.isEmpty { try copies.write(to: proxyCopies) }
    }

    /// Groups the outputs by prompt and embeds them.
    func encode(_ folder: RoundFolder, name: String) throws {
        let list = try configuration.outputs.candidates(
            in: folder.outputs, promptFile: folder.prompts)
        for failure in list.failures { report(.warning(failure)) }
        let groups = list.groups
        let requests = groups.enumerated().flatMap { index, group in
            group.candidates.flatMap { candidate in
                let request = Request(
                    input: candidate.input, extras: SampleAnnotations(group: group.name).members)
                return isBootstrapped(index)
                    ? [request] : configuration.degradedCopies.requests(for: request)
            }
        }
        let log = folder.log(of: .generate)
        guard !requests.isEmpty else {
            throw RoundsError.nothingMade(
                step: Self.name(.generate, of: folder.round),
                reason: list.failures.first
                    ?? "there is no video or image in '\(folder.outputs)'", log: log)
        }
        let (set, copies, failures) = try embed(RequestSource(requests))
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
        if !copies.vectors.isEmpty { try copies.write(to: folder.copies) }
        try RoundCandidates(groups, failures: failures).write(to: folder.candidates)
    }

    /// Embeds inputs, and copies of them.
    ///
    /// - Returns: The embeddings of the inputs, those of their degraded copies, and error messages by
    ///   input.
    private func embed(
        _ requests: RequestSource, copies: DegradedCopies = .init()
    ) throws -> (inputs: EmbeddingSet, copies: EmbeddingSet, failures: [ByteString: String]) {
        var failures: [ByteString: String] = [:]
        var (done, total) = (0, 0)
        let all = try InputEmbedding(
            encoders, sampling: SamplingOverrides(frameCount: configuration.frames),
            batchSize: configuration.batch, store: store
        ).embeddings(of: requests, degradedCopies: copies, interruption: interruption) { event in
            switch event {
            case .began(let count):
                total = count ?? 0
                report(.encoded(0, of: total))
            case .ended(let request, let failure):
                if let failure {
                    if request.degradation == nil {
                        failures[request.input] = failure
                    } else {
                        report(.warning(failure))
                    }
                }
                done += 1
                report(.encoded(done, of: max(total, done)))
            }
        }
        try interruption.check()
        func isDegraded(_ row: JSONValue) -> Bool {
            SampleAnnotations(row: row).degradation != nil
        }
        return (all.filter { !isDegraded($0) }, all.filter(isDegraded), failures)
    }
}
