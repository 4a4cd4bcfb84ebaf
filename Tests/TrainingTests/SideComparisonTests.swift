import Pipeline
import Testing
import TextFormats
import Training

@Suite struct SideComparisonTests {
    private func numbers(_ values: [Double]) -> [ContainerProperty.Value] {
        values.map { .number($0) }
    }

    private func words(_ words: [String]) -> [ContainerProperty.Value] {
        words.map { .word($0) }
    }

    @Test func `a numeric property separates the pairs that it orders`() throws {
        // Nine pairs: 24 > 8 four times, 24 = 24 twice, 30 > 8 twice, 30 > 24 once: 7 + 2/2 = 8.
        let separability = try #require(
            Separability(proxy: numbers([24, 24, 30]), generated: numbers([8, 8, 24])))
        #expect(abs(separability.share - 8.0 / 9) < 1e-12)
        #expect(separability.unit == .pairs)
        // 0.889 is less than 2 · √(7/108) = 0.509 above 0.5.
        #expect(!separability.isSuspicious)
        // The reverse order separates equally well.
        let swapped = try #require(
            Separability(proxy: numbers([8, 8, 24]), generated: numbers([24, 24, 30])))
        #expect(abs(swapped.share - 8.0 / 9) < 1e-12)
    }

    @Test func `a value that occurs on one side only separates its samples`() throws {
        let separability = try #require(
            Separability(
                proxy: numbers(Array(repeating: 24, count: 10) + Array(repeating: 30, count: 10)),
                generated: numbers(Array(repeating: 25, count: 20))))
        #expect(separability.share == 1)
        #expect(separability.unit == .samples)
        #expect(separability.isSuspicious)
    }

    @Test func `values that occur only once separate nothing`() throws {
        // All generated clips have 49 frames, proxy clips any other count: all generated samples
        // are recognized and, by guessing, half of the proxy samples.
        let separability = try #require(
            Separability(
                proxy: numbers((1...20).map { Double($0 <= 10 ? $0 : $0 + 100) }),
                generated: numbers(Array(repeating: 49, count: 20))))
        #expect(separability.share == 0.75)
        #expect(separability.unit == .samples)
    }

    @Test func `a categorical property separates samples by frequency`() throws {
        // Proxy h264: 2/4 of the other proxy samples, 1/5 of generated: three correct. Proxy gif:
        // 1/4 and 3/5: two wrong. Generated h264: 0/4 and 3/5: wrong. Generated gif: 2/4 and 2/5:
        // three correct. Generated vp9: 0 and 0: half. The mean is (3/5 + 3.5/5) / 2.
        let separability = try #require(
            Separability(
                proxy: words(["h264", "h264", "h264", "gif", "gif"]),
                generated: words(["h264", "gif", "gif", "gif", "vp9"])))
        #expect(abs(separability.share - 0.65) < 1e-12)
        #expect(separability.unit == .samples)
    }

    @Test(arguments: [(4, true), (3, false)])
    func `four samples per side can be suspicious`(count: Int, isSuspicious: Bool) throws {
        let separability = try #require(
            Separability(
                proxy: numbers(Array(repeating: 24, count: count)),
                generated: numbers(Array(repeating: 8, count: count))))
        #expect(separability.share == 1)
        #expect(separability.isSuspicious == isSuspicious)
    }

    @Test func `a property missing on one side is not compared`() {
        #expect(Separability(proxy: numbers([1]), generated: []) == nil)
    }

    /// Statistics of a side from rows of `ganrm encode`.
    @Test func `statistics count only originals`() throws {
        let side = try statistics([
            #"{"group":"a","kind":"video","width":64,"height":48,"codec":"h264","frames":24,"#
                + #""frame_rate":8,"duration":3}"#,
            #"{"group":"a","kind":"video","width":48,"height":96,"codec":"h264","frames":10,"#
                + #""frame_rate":29.97002997,"duration":0.3336667}"#,
            #"{"group":"b","kind":"image","width":30,"height":20,"codec":"png","frames":1}"#,
            #"{"group":"b","kind":"video","width":1,"height":1,"perturbed":true}"#,
            #"{"index":3}"#,
        ])
        #expect(side.sampleCount == 4)
        #expect(side.degradedCount == 1)
        #expect(side.groups.map(\.name) == ["a", "b"] && side.groups.map(\.count) == [2, 1])
        #expect(side.ungroupedCount == 1)
        // The short sides are 20, 48 and 48.
        let span = try #require(side.span(of: .shortSide))
        #expect(span.lowest == 20 && span.median == 48 && span.highest == 48)
        #expect(
            "\(side)" == """
                4 samples (2 videos, 1 image), 2 groups (a: 2, …), 1 sample without a group, \
                1 degraded copy
                  codec h264 67 %, png 33 %; short side 48 pixels (20 to 48); \
                aspect ratio 1.33 (0.5 to 1.5); frame rate 8 fps (8 to 29.97); \
                frames 10 (10 to 24); length 0.33 s (0.33 to 3)
                """)
    }

    @Test func `rows without these keys are unknown and give no warning`() throws {
        let side = try statistics(Array(repeating: "{}", count: 9))
        #expect("\(side)".hasSuffix("frame rate unknown; frames unknown; length unknown"))
        #expect(SideComparison(proxy: side, generated: side).warnings == [])
    }

    private func statistics(_ rows: [String]) throws -> SideStatistics {
        SideStatistics(try rows.map { SampleOrigin(row: try JSONValue(parsing: $0)) })
    }
}
