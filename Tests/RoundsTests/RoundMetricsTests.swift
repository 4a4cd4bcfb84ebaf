import Rounds
import Testing
import TextFormats

@Suite struct RoundMetricsTests {
    @Test func `metrics are columns of the table and members of the row`() throws {
        let row = """
            {"round":0,"prompts":16,"candidates":12,"failed":0,"degenerate":0.0,\
            "unfamiliar_first":0.0,"unfamiliar_newest":0.0,"pairs":null,"frechet":null,\
            "score_first":0.5,"logit_first":0.0,\
            "score_newest":0.25,"logit_newest":-1.1,"wins_first":null,"wins_newest":null,\
            "metrics":{"clipscore":{"value":0.75,"low":0.5,"high":1.0},\
            "overall_consistency":{"value":null,"low":null,"high":null},\
            "fid":{"value":491.03,"low":null,"high":null}}}
            """
        let metrics = try #require(RoundMetrics(json: try JSONValue(parsing: row)))
        #expect(metrics.json.description == row)
        #expect(
            RoundMetrics.tableHeader(metrics: metrics.measured.map(\.name))
                .hasSuffix("first newest  clipscore  overall_consistency        fid"))
        #expect(
            metrics.tableLine.hasSuffix("      -      -     0.7500                    -   491.0300")
        )
    }

    @Test func `a table fits 80 columns`() throws {
        let row = """
            {"round":2,"prompts":16,"candidates":1280,"failed":12,"degenerate":0.125,\
            "unfamiliar_first":1,"unfamiliar_newest":0.5,"pairs":160,"frechet":1551.6,\
            "score_first":0.5,"logit_first":0,"score_newest":0.25,"logit_newest":-1.1,\
            "wins_first":0.75,"wins_newest":0.5}
            """
        let metrics = try #require(RoundMetrics(json: try JSONValue(parsing: row)))
        #expect(
            RoundMetrics.tableHeader() + "\n" + metrics.tableLine == """
                                                                     score   score   wins   wins
                round  cand. failed degen. unfam.  pairs   frechet   first  newest  first newest
                    2   1280     12   12.5  100.0    160  1551.600  0.5000  0.2500  0.750  0.500
                """)
    }
}
