import Foundation
import Testing
import TestModels
import TestSupport
import TextFormats

/// `ganrm distance` end to end, with test patterns and noise.
@Suite struct DistanceCommandTests {
    private let model: TinyModel
    private let media: TestMedia

    init() throws {
        model = try TinyModel()
        media = try TestMedia(clipsPerSide: 4, frames: 8)
    }

    private func path(_ name: String) -> String { media.folder.path(name) }

    private func distance(_ arguments: [String]) throws -> CommandRun {
        try CommandRun.ganrm(["distance"] + arguments + ["--frames", "4"] + model.encoderOptions)
    }

    @Test func `folders, lists, globs and embeddings give the same distance`() throws {
        let list = try media.folder.write(
            (0..<4).map { "{\"path\":\"\(path("raw"))/\($0).mp4\"}\n" }.joined(), to: "raw.jsonl")
        let encoded = path("good.safetensors")
        let encoding = try CommandRun.ganrm(
            ["encode", path("good"), "-o", encoded, "--frames", "4"] + model.encoderOptions)
        try #require(encoding.status == 0, "\(encoding.messages)")
        let sides = [
            (path("good"), path("raw")), (path("good/*.mp4"), list), (encoded, path("raw")),
        ]
        let reports = try sides.map { reference, other in
            let run = try distance([reference, other, "--format", "json"])
            #expect(run.status == 0)
            #expect(run.messages.contains("warning: 4 and 4 samples of 64 values are few"))
            return try JSONValue(parsing: try #require(run.lines.first))
        }
        let value = try #require(reports[0]["distance"]?.doubleValue)
        #expect(value > 0)
        for report in reports {
            #expect(report["distance"] == .number(value))
            let terms = ["mean_term", "covariance_term"].compactMap { report[$0]?.doubleValue }
            #expect(terms.reduce(0, +) == value)
            #expect(report["reference"]?["samples"] == .integer(4))
            #expect(report["few_samples"] == .bool(true))
            #expect(report["shrinkage"] == .string("none"))
            #expect(report["sampling"]?["frames"] == .integer(4))
        }
        #expect(reports[1]["other"]?["input"] == .string(list))
    }

    @Test func `shrinkage changes the distance, and equal sides have distance 0`() throws {
        let plain = try distance([path("good"), path("raw")])
        let shrunk = try distance([path("good"), path("raw"), "--shrinkage", "ledoit-wolf"])
        #expect(plain.lines.first != shrunk.lines.first)
        #expect(plain.messages.contains("--shrinkage ledoit-wolf lessens it"))
        #expect(!shrunk.messages.contains("--shrinkage"))
        #expect(shrunk.lines.contains { $0.hasPrefix("shrinkage          ledoit-wolf, by 0.") })
        let equal = try distance([path("good"), path("good"), "--format", "json"])
        let report = try JSONValue(parsing: try #require(equal.lines.first))
        #expect(try #require(report["distance"]?.doubleValue) < 1e-9)
    }

    @Test func `failed inputs are left out and reported`() throws {
        try media.folder.write("no video", to: "raw/broken.mp4")
        let run = try distance([path("good"), path("raw")])
        #expect(run.status == 1)
        #expect(run.messages.contains("broken.mp4"))
        #expect(run.lines.contains { $0.hasPrefix("other              4 samples, ") })
    }

    @Test func `each side needs at least two samples`() throws {
        for (side, message) in [
            ("raw/0.mp4", "needs at least 2 samples, '\(path("raw/0.mp4"))' gives"),
            ("nowhere", "'\(path("nowhere"))' does not exist"),
        ] {
            let run = try distance([path("good"), path(side)])
            #expect(run.status == 3)
            #expect(run.output == "")
            #expect(run.messages.contains(message), "\(run.messages)")
        }
        #expect(try distance([path("good")]).status == 2)
    }

    @Test func `embeddings with different settings are refused`() throws {
        let encoded = path("good.safetensors")
        let encoding = try CommandRun.ganrm(
            ["encode", path("good"), "-o", encoded, "--frames", "4", "--taps", "1"]
                + model.encoderOptions)
        try #require(encoding.status == 0, "\(encoding.messages)")
        let run = try distance([encoded, path("raw")])
        #expect(run.status == 3)
        #expect(run.messages.contains("taken from two choices of blocks, [1] and [2]"))
        let other = try distance([encoded, path("raw"), "--taps", "1", "--sampling", "window"])
        #expect(other.status == 3)
        #expect(other.messages.contains("sampled in two ways"))
    }

    @Test func `statistics that were saved take the place of the reference`() throws {
        let saved = path("good.npz")
        let whole = try distance([
            path("good"), path("raw"), "--save-stats", saved, "--format", "json",
        ])
        #expect(whole.status == 0, "\(whole.messages)")
        let short = try distance([saved, path("raw"), "--format", "json"])
        #expect(short.status == 0, "\(short.messages)")
        let reports = try [whole, short].map {
            try JSONValue(parsing: try #require($0.lines.first))
        }
        let values = reports.compactMap { $0["distance"]?.doubleValue }
        try #require(values.count == 2)
        // Four samples of 64 values: the covariance of the file is singular.
        #expect(abs(values[0] - values[1]) < 1e-6 * values[0])
        #expect(reports[1]["reference"]?["samples"] == .integer(4))
        #expect(reports[0]["precision"] == reports[1]["precision"])
        let other = try distance([saved, path("raw"), "--sampling", "window"])
        #expect(other.status == 3)
        #expect(other.messages.contains("sampled in two ways"))
        for (arguments, message) in [
            (["--kernel"], "--kernel needs samples"),
            (["--shrinkage", "ledoit-wolf"], "--shrinkage needs samples"),
            (["--save-stats", path("again.npz")], "the reference is a file of statistics already"),
            (["--save-stats", path("again")], "name a file that ends in .npz"),
            (["--subsets", "3"], "--subsets and --subset-size go with --kernel"),
        ] {
            let run = try distance([saved, path("raw")] + arguments)
            #expect(run.status == 2)
            #expect(run.messages.contains(message), "\(run.messages)")
        }
        let own = try distance([path("raw"), saved, "--save-stats", saved])
        #expect(own.status == 2)
        #expect(own.messages.contains("is to be read and to be written"))
        try media.folder.write("no archive", to: "bad.npz")
        let bad = try distance([path("bad.npz"), path("raw")])
        #expect(bad.status == 3)
        #expect(bad.messages.contains("bad.npz"))
    }

    @Test func `the kernel distance and an interval are added`() throws {
        let run = try distance([
            path("good"), path("raw"), "--kernel", "--subset-size", "3", "--subsets", "4",
            "--resamples", "20", "--format", "json",
        ])
        #expect(run.status == 0, "\(run.messages)")
        let report = try JSONValue(parsing: try #require(run.lines.first))
        #expect(report["kernel"]?["subset_size"] == .integer(3))
        #expect(report["interval"]?["low"]?.doubleValue != nil)
        #expect(try #require(report["bias"]?.doubleValue) > 0)
        let large = try distance([path("good"), path("raw"), "--kernel"])
        #expect(large.status == 3)
        #expect(large.messages.contains("add samples, or choose subsets of at most 4"))
    }
}
