import Frames
import GANRM
import JSON
import Preference
import Reward

/// What a round's generator made: its candidates with their embeddings.
struct RoundOutputs {
    let embeddings: EmbeddingSet
    let candidates: RoundCandidates

    /// Reads the files that the step `encode` wrote.
    init(of folder: RoundFolder) throws {
        embeddings = try EmbeddingSet(path: folder.embeddings)
        candidates = try RoundCandidates(path: folder.candidates)
    }

    /// The candidates of each prompt, best first.
    func ranked(by model: RewardModel, exclusion: CandidateExclusion) -> [RankedGroup] {
        let scores = model.scores(embeddings.tensor)
        var outcomes = candidates.failures.mapValues { CandidateOutcome.failed($0) }
        for (row, score) in zip(embeddings.inputs, scores) {
            guard let input = row["input"]?.stringValue else { continue }
            outcomes[input] =
                CandidateScore(
                    logit: score.logit, logitSpread: score.logitSpread,
                    unfamiliar: model.unfamiliarity(of: score),
                    degeneracy: row["degenerate"]?.stringValue.flatMap(Degeneracy.init)
                ).map { .scored($0) } ?? .failed("its score is not a number")
        }
        return candidates.groups.map { group in
            RankedGroup(group, exclusion: exclusion) {
                outcomes[$0.input] ?? .failed("it has no embedding")
            }
        }
    }
}
