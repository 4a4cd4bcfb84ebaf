import Frames
import Pipeline
import Preference
import Reward
import TextFormats

/// The outputs of a round's generator: candidates with their embeddings.
struct RoundOutputs {
    let embeddings: EmbeddingSet
    let candidates: RoundCandidates

    /// Reads the files that the `encode` step wrote.
    init(of folder: RoundFolder) throws {
        embeddings = try EmbeddingSet(path: folder.embeddings)
        candidates = try RoundCandidates(path: folder.candidates)
    }

    /// The candidates of each prompt, best first.
    func ranked(by model: RewardModel, exclusion: CandidateExclusion) -> [RankedGroup] {
        let scores = model.scores(embeddings.tensor)
        var outcomes = candidates.failures.mapValues { CandidateOutcome.failed($0) }
        for (row, score) in zip(embeddings.inputs, scores) {
            let origin = SampleOrigin(row: row)
            guard let input = origin.input else { continue }
            do throws(RewardError) {
                let score = try score.checked()
                outcomes[input] =
                    CandidateScore(
                        logit: score.logit, logitSpread: score.logitSpread,
                        unfamiliar: model.unfamiliarity(of: score),
                        degeneracy: origin.degeneracy
                    ).map { .scored($0) }
            } catch {
                outcomes[input] = .failed("\(error)")
            }
        }
        return candidates.groups.map { group in
            RankedGroup(group, exclusion: exclusion) {
                outcomes[$0.input] ?? .failed("it has no embedding")
            }
        }
    }
}
