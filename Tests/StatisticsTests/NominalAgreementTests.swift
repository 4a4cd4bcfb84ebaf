import Statistics
import Testing

@Suite struct NominalAgreementTests {
    /// `alpha(level_of_measurement="nominal")` of krippendorff 0.9.0 from PyPI, three raters:
    ///
    ///     1 2 3 3 2 1 - 1 2
    ///     1 2 3 3 2 2 - 1 -
    ///     - 3 3 3 2 3 2 1 -
    @Test func `alpha matches the krippendorff package, with missing judgements`() throws {
        let units = [
            [1, 1], [2, 2, 3], [3, 3, 3], [3, 3, 3], [2, 2, 2], [1, 2, 3], [2], [1, 1, 1], [2],
        ]
        let agreement = try #require(NominalAgreement(units))
        #expect(abs(try #require(agreement.alpha) - 0.6401515151515151) < 1e-12)
        #expect(agreement.units == 7)
        // Five units agree, one in 1 of 3 pairs of raters, one in no pair.
        #expect(abs(agreement.share - (5 + 1.0 / 3) / 7) < 1e-12)
    }

    @Test func `a single class has no alpha, and single judgements have no agreement`() {
        #expect(NominalAgreement([["a", "a"], ["a", "a", "a"]])?.alpha == nil)
        #expect(NominalAgreement([["a", "a"]])?.share == 1)
        #expect(NominalAgreement([["a"], ["b"], []]) == nil)
    }

    /// Reference: `binomtest(k, n).proportion_ci(method="wilson")` of SciPy 1.17.1.
    @Test(arguments: [
        (0, 10, 0.0, 0.27753279986288926), (12, 12, 0.7575059933447592, 1.0),
        (7, 10, 0.39677814746114526, 0.892208732593699),
        (60, 100, 0.5020025867910618, 0.6905987135675411), (1, 1, 0.20654931437723745, 1.0),
    ])
    func `the Wilson interval matches SciPy`(successes: Int, trials: Int, low: Double, high: Double)
        throws
    {
        let interval = try #require(ConfidenceInterval(wilson: Double(successes), of: trials))
        #expect(abs(interval.low - low) < 1e-12 && abs(interval.high - high) < 1e-12)
        #expect(ConfidenceInterval(wilson: 0, of: 0) == nil)
    }
}
