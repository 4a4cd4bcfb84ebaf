import Testing
import Training

@Suite struct FailurePatternTests {
    @Test func `failures have unique names, and some are kept back from training`() {
        let names = FailurePattern.all.map(\.name)
        #expect(Set(names).count == names.count)
        #expect(FailurePattern.inTraining.allSatisfy { $0.isInTraining })
        #expect(FailurePattern.heldOut.allSatisfy { !$0.isInTraining })
        #expect(names.count == FailurePattern.inTraining.count + FailurePattern.heldOut.count)
        #expect(FailurePattern.heldOut.count >= 10)
    }
}
