import Reward
import Testing

@Suite struct ScoreTests {
    @Test(arguments: [Double.nan, .infinity, -.infinity, 1e300, -2e38])
    func `a logit that is not finite or too large is refused`(logit: Double) {
        #expect(throws: RewardError.self) { try Score(logit: logit).checked() }
        #expect(throws: RewardError.self) { try Score(memberLogits: [0, logit]).checked() }
        #expect(throws: RewardError.self) {
            try Score(memberLogits: [0], distance: logit).checked()
        }
        #expect(throws: RewardError.self) {
            try Score(memberLogits: [0], degradationPenalty: logit).checked()
        }
    }

    @Test(arguments: [0, 1e38, -1e38])
    func `a logit within the limit is accepted`(logit: Double) throws {
        let score = Score(memberLogits: [logit, 0], distance: 3)
        #expect(try score.checked() == score)
    }
}
