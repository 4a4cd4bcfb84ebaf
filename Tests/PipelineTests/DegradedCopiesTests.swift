import Encoders
import Frames
import Media
import Pipeline
import Reward
import Testing
import TextFormats
import Training

@Suite struct DegradedCopiesTests {
    private func requests(
        _ line: String, copies: Int = 5, seed: UInt64 = 0
    ) throws -> [Request] {
        DegradedCopies(copyCount: copies, seed: seed)
            .requests(for: try #require(Request(line: line)))
    }

    private func row(_ request: Request) -> JSONValue { .object(request.extras) }

    @Test func `each copy has another kind and records its degradation`() throws {
        let all = try requests(#"{"path":"a.mp4","group":"g","prompt":"a cat"}"#)
        #expect(all.count == 6 && all.allSatisfy { $0.input == "a.mp4" })
        #expect(all[0].degradation == nil && all[0].extras.map(\.key) == ["group", "prompt"])
        let copies = all.dropFirst()
        let kinds = Set(copies.compactMap(\.degradation?.kind))
        #expect(kinds.count == 5 && kinds.isSubset(of: Degradation.Kind.spatial))
        for copy in copies {
            let (row, degradation) = (row(copy), try #require(copy.degradation))
            #expect(1...5 ~= degradation.strength)
            #expect(row["perturbed"] == .bool(true))
            #expect(row["of"] == .string("a.mp4") && row["group"] == .string("g"))
            #expect(row["prompt"] == .string("a cat"))
            #expect(row["kind_of_damage"] == .string(degradation.name))
            #expect(row["strength"] == .integer(degradation.strength))
            #expect(row["label"] == nil)
            // The row is enough to repeat the degradation.
            let again = try #require(
                Request(line: #"{"path":"a.mp4","degradation":\#(row["degradation"] ?? .null)}"#))
            #expect(again.degradation == degradation)
        }
    }

    @Test func `every other copy has degraded motion if requested`() throws {
        let request = try #require(Request(line: "a.mp4"))
        let kinds = DegradedCopies(copyCount: 6, degradesMotion: true)
            .requests(for: request).dropFirst().compactMap(\.degradation?.kind)
        #expect(Set(kinds).count == 6)
        for (index, kind) in kinds.enumerated() {
            #expect(Degradation.Kind.temporal.contains(kind) == index.isMultiple(of: 2))
        }
        // More copies than kinds of motion degradation.
        let all = DegradedCopies(copyCount: 16, degradesMotion: true)
            .requests(for: request).dropFirst().compactMap(\.degradation?.kind)
        #expect(Set(all).count == 16)
    }

    @Test func `each custom filter adds one copy per sample`() throws {
        let request = try #require(Request(line: "a.mp4"))
        let filters = ["gblur=sigma=3", "hue=s=0"]
        let copies = DegradedCopies(copyCount: 1, filters: filters)
            .requests(for: request).dropFirst()
        #expect(copies.dropFirst().compactMap(\.degradation?.name) == filters)
        for (copy, filters) in zip(copies.dropFirst(), filters) {
            let row = row(copy)
            #expect(row["kind_of_damage"] == .string(filters) && row["strength"] == .integer(5))
            let again = try #require(
                Request(line: #"{"path":"a.mp4","degradation":\#(row["degradation"] ?? .null)}"#))
            #expect(again.degradation == copy.degradation)
        }
        for invalid in [#"{"filters":""}"#, #"{"filters":3}"#, #"{"filters":"a","kind":"blur"}"#] {
            let line = #"{"path":"a.mp4","degradation":\#(invalid)}"#
            #expect(try #require(Request(line: line)).failure != nil)
        }
    }

    @Test func `the label of a copy is scaled by its strength`() throws {
        let copies = try requests(#"{"path":"a","label":0.5}"#).dropFirst()
        let encoder = EncoderIdentity(
            name: "e", fingerprint: "f",
            preprocessing: Preprocessing(
                resize: .squash, size: 8, filter: .openCVLinear, crop: 8,
                mean: Array(repeating: 0.5, count: 3), deviation: Array(repeating: 0.5, count: 3)),
            taps: [1], embeddingWidth: 2)
        var set = EmbeddingSet(encoders: [.video: encoder], sampling: .uniform(UniformSampling()))
        for copy in copies {
            let strength = try #require(copy.degradation?.strength)
            let expected = 0.5 * (1 - Double(strength) / 5)
            #expect(abs((row(copy)["label"]?.doubleValue ?? -1) - expected) < 1e-12)
            #expect(copy.extras.count { $0.key == "label" } == 1)
            set.append(
                [0, 0], input: .object(copy.extras.filter { $0.key != "label" }))
        }
        for (side, label) in [(TrainingSamples.Side.proxy, 1.0), (.generated, 0)] {
            var samples = TrainingSamples()
            try samples.append(set, as: side)
            for (example, copy) in zip(samples.examples, copies) {
                let strength = try #require(copy.degradation?.strength)
                #expect(abs(example.label - label * (1 - Double(strength) / 5)) < 1e-12)
                #expect(example.isProxy == (side == .proxy))
            }
        }
    }

    @Test func `a sample without a group forms a group with its copies`() throws {
        let groups = try requests("a.mp4").map { row($0)["group"] }
        #expect(groups == Array(repeating: .string("a.mp4"), count: 6))
    }

    @Test func `copies depend only on input and seed`() throws {
        let first = try requests("a.mp4")
        #expect(try requests("a.mp4") == first)
        #expect(try requests("a.mp4", copies: 2) == Array(first.prefix(3)))
        #expect(try requests("a.mp4", seed: 1) != first)
        #expect(
            try requests("b.mp4").map(\.degradation) != first.map(\.degradation))
    }

    @Test(arguments: [
        #"{"path":"a","perturbed":true}"#, #"{"path":3}"#,
        #"{"path":"a","degradation":{"kind":"blur","strength":1}}"#,
    ])
    func `copies and invalid requests are not copied`(line: String) throws {
        #expect(try requests(line) == [try #require(Request(line: line))])
    }
}
