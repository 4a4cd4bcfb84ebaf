import Foundation
import Media
import Preference
import Testing
import TestSupport
import TextFormats

@Suite struct CandidateGroupingTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// Writes empty files; grouping uses only their names.
    private func files(_ names: String...) throws {
        for name in names { try folder.write("", to: name) }
    }

    /// One line `group: prompt: names` for each group.
    private func describe(_ list: CandidateList) -> [String] {
        list.groups.map { group in
            let names = group.candidates.map { $0.input.replacing(folder.path + "/", with: "") }
            return "\(group.name): \(group.prompt ?? "-"): \(names.joined(separator: " "))"
        }
    }

    @Test func `files are grouped by the name before the last number`() throws {
        try files("0007_0.mp4", "0007_1.mp4", "a cat-1.webm", "a cat-2.webm", "lone.mp4", "12.mp4")
        let list = try CandidateGrouping().candidates(in: [folder.path])
        #expect(
            describe(list) == [
                "0007: -: 0007_0.mp4 0007_1.mp4", "12: -: 12.mp4",
                "a cat: -: a cat-1.webm a cat-2.webm", "lone: -: lone.mp4",
            ])
    }

    @Test func `names that differ in bytes only are several candidates and groups`() throws {
        let (first, second) = ("\u{e9}", "e\u{301}")
        let manifest = try folder.write(
            """
            {"prompt":"p","candidates":["\(first).png","\(second).png"]}
            {"prompt":"\(first)","input":"a.png"}
            {"prompt":"\(second)","input":"a.png"}

            """, to: "list.jsonl")
        let list = try CandidateGrouping().candidates(in: [manifest])
        #expect(list.groups.map(\.candidates.count) == [2, 1, 1])
        #expect(Set(list.inputs.map { Array($0.utf8) }).count == 3)
    }

    @Test func `names that begin with a combining mark are names`() throws {
        try files("a/\u{301}x_0.png", "a/\u{301}x_1.png", "\u{600}_0.png")
        let list = try CandidateGrouping().candidates(in: [folder.path])
        #expect(list.groups.map(\.name) == ["a", "\u{600}"])
        let names = try CandidateGrouping().candidates(in: [folder.path("a")])
        #expect(names.groups.map { Array($0.name.utf8) } == [Array("\u{301}x".utf8)])
    }

    @Test func `a line of a manifest that cannot be read refuses itself`() throws {
        let lines = try folder.write(
            Array("{\"input\":\"a_0.png\"}\n{\"input\":\"".utf8) + [0xe9]
                + Array("\"}\n{\"input\":\"b\\u0000\"}\n".utf8), to: "list.jsonl")
        let table = try folder.write(
            Array("input,prompt\na_0.png,p\n".utf8) + [0xe9] + Array(",p\n".utf8), to: "list.csv")
        let list = try CandidateGrouping().candidates(in: [lines, table])
        #expect(list.inputs == ["a_0.png", "a_0.png"])
        #expect(
            list.failures == [
                "\(lines):2: the line is not UTF-8",
                "\(lines):3: a path with a zero byte names no file",
                "\(table):3: the line is not UTF-8",
            ])
    }

    /// Names as the tools write them, and the group of each.
    @Test(arguments: [
        ("ComfyUI_00001_.png", "ComfyUI"),
        ("video/x_00012_.mp4", "x"),
        ("AnimateDiff_00002.mp4", "AnimateDiff"),
        ("AnimateDiff_00003-audio.mp4", "AnimateDiff"),
        ("ComfyUI_00001_-audio.mp4", "ComfyUI"),
        ("t2v-14B_1280*720_1_1_A_cat_20250301_121314.mp4", "t2v-14B_1280*720_1_1_A_cat"),
        ("A cat_20250301-121314_2.mp4", "A cat"),
        ("0007_20250301_121314.mp4", "0007"),
        ("2024-12-05-10:11:12_seed42_A cat walks.mp4", "A cat walks"),
        ("2024-12-05_10-11-12_4711.png", "."),
        ("sample_0007.mp4", "sample_0007"),
        ("sample_0007-1.mp4", "sample_0007"),
        ("sample_1.png", "sample"),
        ("00012-1234567.png", "."),
        ("00012-1234567890-a cat.png", "a cat"),
        ("0012-3.png", "0012"),
        ("video_output_0_a-cat_171198_704x480x121_0.mp4", "video_output_0_a-cat"),
        ("0001_sample0.mp4", "0001"),
        ("a cat_seed42.webm", "a cat"),
        ("A cat in the rain.-3.mp4", "A cat in the rain."),
        ("0001.mp4", "0001"),
        ("20250301_9.mp4", "20250301"),
        ("99999999_999999.mp4", "99999999"),
    ])
    func `names of known generators are grouped by prompt`(name: String, group: String) throws {
        let list = try CandidateGrouping(rule: .name)
            .candidates { $0(.object([JSONValue.Member("input", .string(name))])) }
        let folder = name.split(separator: "/").dropLast().joined(separator: "/")
        #expect(list.groups.map(\.name) == [group == "." && !folder.isEmpty ? folder : group])
    }

    @Test func `the files that VideoHelperSuite writes for a sample are one candidate`() throws {
        try files(
            "AnimateDiff_00001-audio.mp4", "AnimateDiff_00001.mp4", "AnimateDiff_00001.png",
            "AnimateDiff_00002.mp4", "AnimateDiff_00002.png", "AnimateDiff_00003-audio.mp4",
            "AnimateDiff_00003.png", "AnimateDiff_00004.png", "b/AnimateDiff_00001.png")
        for rule in [CandidateGrouping.Rule.auto, .name] {
            #expect(
                describe(try CandidateGrouping(rule: rule).candidates(in: [folder.path]))
                    == [
                        "AnimateDiff: -: AnimateDiff_00001.mp4 AnimateDiff_00002.mp4 "
                            + "AnimateDiff_00003-audio.mp4 AnimateDiff_00004.png"
                            + (rule == .name ? " b/AnimateDiff_00001.png" : "")
                    ] + (rule == .auto ? ["b: -: b/AnimateDiff_00001.png"] : []))
        }
        // A manifest is taken at its word.
        let manifest = try folder.write(
            """
            {"prompt":"p","candidates":["a_1.mp4","a_1.png"]}

            """, to: "list.jsonl")
        #expect(
            describe(try CandidateGrouping().candidates(in: [manifest])) == [
                "p: p: a_1.mp4 a_1.png"
            ])
    }

    @Test func `each subfolder is a group`() throws {
        try files("a dog/x.mp4", "a dog/y.mp4", "b/c/0.png", "b/c/1.png", "top_1.mp4")
        let list = try CandidateGrouping().candidates(in: [folder.path])
        #expect(
            describe(list) == [
                "a dog: -: a dog/x.mp4 a dog/y.mp4", "b/c: -: b/c/0.png b/c/1.png",
                "top: -: top_1.mp4",
            ])
    }

    @Test func `files of the same name in several folders are candidates of one prompt`() throws {
        try files("seed0/0001.mp4", "seed0/0002.mp4", "seed1/0001.mp4", "seed1/0002.mp4")
        let prompts = try PromptList(path: folder.write("one\n\n two \r\n", to: "prompts.txt"))
        let list = try CandidateGrouping(rule: .file, prompts: prompts)
            .candidates(in: ["seed0", "seed1"].map(folder.path))
        #expect(
            describe(list) == [
                "0001: one: seed0/0001.mp4 seed1/0001.mp4",
                "0002: two: seed0/0002.mp4 seed1/0002.mp4",
            ])
    }

    @Test func `the named groups of a pattern give candidate and prompt number`() throws {
        try files("seed5_p003_v1.mp4", "seed6_p003_v1.mp4", "seed5_p004_v1.mp4")
        let prompts = try PromptList(
            path: folder.write("a\nb\nc\nd\ne\n", to: "prompts.txt"), firstNumber: 0)
        let pattern = try NamePattern("seed(?<candidate>[0-9]+)_p(?<number>[0-9]+)_v1")
        let list = try CandidateGrouping(pattern: pattern, prompts: prompts)
            .candidates(in: [folder.path])
        #expect(
            describe(list) == [
                "003: d: seed5_p003_v1.mp4 seed6_p003_v1.mp4", "004: e: seed5_p004_v1.mp4",
            ])
    }

    @Test func `prompt numbers start at 0 if a 0 exists, else at 1, and have a range`() throws {
        let path = try folder.write("A cat, asleep!\nb\nc\n", to: "prompts.txt")
        try files(
            "x/0_0.mp4", "x/2_0.mp4", "y/1_0.mp4", "y/3_0.mp4", "z/4_0.mp4", "w/A_cat_asleep-0.mp4")
        func prompts(in name: String) throws -> [String?] {
            try CandidateGrouping(prompts: PromptList(path: path))
                .candidates(in: [folder.path(name)]).groups.map(\.prompt)
        }
        #expect(try prompts(in: "x") == ["A cat, asleep!", "c"])
        #expect(try prompts(in: "y") == ["A cat, asleep!", "c"])
        // Matched by the words of the prompt, as spelled in file names.
        #expect(try prompts(in: "w") == ["A cat, asleep!"])
        #expect(
            throws: PreferenceError.promptNumber(
                group: "4", number: 4, path: path, first: 1, count: 3)
        ) { try prompts(in: "z") }
    }

    @Test func `a manifest lists a prompt or a candidate per line and keeps extra keys`()
        throws
    {
        let path = try folder.write(
            #"""
            {"prompt":"a \"cat\"\n🐱","candidates":["a.mp4",{"input":"b.mp4","seed":3},"a.mp4"],"style":"x"}
            {"prompt":"dog","path":"c.mp4","seed":1,"score":0.5,"logit":0}
            {"prompt":"dog","video":"d.mp4","seed":2}
            {"prompt":"dog","group":7,"input":"e.mp4"}
            {"input":"f_1.mp4"}
            {"group":"g","candidates":2,"error":"2 of 2 failed"}
            {"prompt":"nothing"}
            {"prompt":"bad","candidates":[1]}
            not json

            """#, to: "list.jsonl")
        let list = try CandidateGrouping().candidates(in: [path])
        #expect(
            describe(list) == [
                "a \"cat\"\n🐱: a \"cat\"\n🐱: a.mp4 b.mp4", "dog: dog: c.mp4 d.mp4",
                "7: dog: e.mp4", "f: -: f_1.mp4", "bad: bad: ",
            ])
        #expect(list.groups[0].extras.map(\.key) == ["style"])
        #expect(list.groups[0].candidates[1].extras.map(\.key) == ["seed"])
        #expect(list.groups[1].candidates[0].extras.map(\.key) == ["seed"])
        #expect(
            list.failures == [
                "\(path):7: no \"candidates\" and no \"input\" that is a text",
                "\(path):8: a candidate is neither a text nor an object with \"input\"",
                "\(path):9: the line is not valid JSON: 'null' expected at byte 0",
            ])
    }

    @Test func `a CSV file can be a manifest`() throws {
        let path = try folder.write(
            "prompt,input,seed\r\n\"a, b\",x.mp4,1\r\n\"a, b\",y.mp4,2\r\n", to: "list.csv")
        let list = try CandidateGrouping().candidates(in: [path])
        #expect(describe(list) == ["a, b: a, b: x.mp4 y.mp4"])
        #expect(list.groups[0].candidates[1].extras.map(\.value) == [.string("2")])
        let candidates = try folder.write(
            "prompt,candidates\np,\"[\"\"x.mp4\"\",\"\"y.mp4\"\"]\"\n", to: "wide.csv")
        #expect(
            describe(try CandidateGrouping().candidates(in: [candidates])) == ["p: p: x.mp4 y.mp4"])
    }

    @Test func `invalid patterns and patterns without named groups are refused`() {
        #expect(throws: PreferenceError.self) { try NamePattern("([0-9]+") }
        #expect(throws: PreferenceError.self) { try NamePattern("([0-9]+)_.*") }
    }

    @Test func `grids of one size share the most frequent detected layout`() throws {
        let pattern = "testsrc2=s=64x48:r=8:d=0.5"
        func grid(_ name: String, _ source: String) throws {
            try folder.make(
                "grids/\(name)",
                source:
                    "\(source),format=gbrp,pad=66:50:2:2,split[a][b];[a][b]hstack,pad=iw+2:ih+2",
                "-c:v libx264 -crf 10 -pix_fmt yuv444p")
        }
        try grid("0001.mp4", pattern)
        try grid("0002.mp4", pattern)
        // All black, so no gutters are visible.
        try grid("0003.mp4", "color=black:s=64x48:r=8:d=0.5")
        let list = try CandidateGrouping(grid: .detected).candidates(in: [folder.path("grids")])
        #expect(list.failures == [])
        #expect(
            describe(list)
                == (1...3).map { number in
                    "000\(number): -: "
                        + [2, 68].map { "grids/000\(number).mp4#xywh=\($0),2,64,48" }
                        .joined(separator: " ")
                })
        let wrong = try CandidateGrouping(grid: .layout(GridLayout(columns: 7)))
            .candidates(in: [folder.path("grids")])
        #expect(wrong.failures.count == 3 && wrong.groups.isEmpty)
    }

    @Test func `grid cells are split into separate files`() throws {
        try folder.make("a/0001.mp4", source: "testsrc2=s=134x52:r=8:d=0.5")
        try folder.make("b/0001.mp4", source: "testsrc2=s=134x52:r=8:d=0.5,negate")
        var list = try CandidateGrouping(
            rule: .folder, grid: .layout(GridLayout(columns: 2))
        ).candidates(in: [folder.path])
        try list.split(into: folder.path("cells"), copy: MediaCopy())
        #expect(
            describe(list) == [
                "a: -: cells/0001_0.mp4 cells/0001_1.mp4",
                "b: -: cells/0001-2_0.mp4 cells/0001-2_1.mp4",
            ])
        let info = try MediaReader(.path(folder.path("cells/0001-2_1.mp4"))).info
        #expect(info.width == 64 && info.height == 48)
    }
}
