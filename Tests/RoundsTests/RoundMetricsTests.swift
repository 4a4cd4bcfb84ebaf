import Rounds
import Testing
import TextFormats

@Suite struct RoundMetricsTests {
    @Test func `a table fits 80 columns`() throws {
        let row = """
            {"round":2,"prompts":16,"candidates":1280,"failed":12,"degenerate":0.125,\
            "unfamiliar_first":1,"unfamiliar_newest":0.5,"pairs":160,"frechet":1551.6,\
            "score_first":0.5,"logit_first":0,"score_newest":0.25,"logit_newest":-1.1,\
            "wins_first":0.75,"wins_newest":0.5}
            """
        let metrics = try #require(RoundMetrics(json: try JSONValue(parsing: row)))
        #expect(
            RoundMetrics.tableHeader + "\n" + metrics.tableLine == """
                                                                     score   score   wins   wins
                round  cand. failed degen. unfam.  pairs   frechet   first  newest  first newest
                    2   1280     12   12.5  100.0    160  1551.600  0.5000  0.2500  0.750  0.500
                """)
    }
}
