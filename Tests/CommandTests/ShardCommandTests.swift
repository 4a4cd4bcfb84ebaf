import Foundation
import Pipeline
import Testing
import TestModels
import TestSupport
import TextFormats

/// Tar archives as inputs of commands. GNU tar packs and unpacks them.
@Suite(.serialized) struct ShardCommandTests {
    private let setting: ScoringFixture
    private let folder: TemporaryFolder

    init() throws {
        setting = try ScoringFixture.shared.get()
        folder = try TemporaryFolder()
    }

    private func ganrm(_ arguments: [String]) throws -> CommandRun {
        try CommandRun.ganrm(arguments + setting.options)
    }

    private func score(_ arguments: [String]) throws -> CommandRun {
        try ganrm(["score"] + arguments)
    }

    @discardableResult
    private func tar(_ arguments: [String]) throws -> CommandRun {
        let run = try CommandRun(URL(fileURLWithPath: "/usr/bin/env"), ["tar"] + arguments)
        try #require(run.status == 0, "\(run.messages)")
        return run
    }

    /// A folder of media in several formats, one of which is damaged.
    private func makeMedia() throws -> [String] {
        let names = [
            "a/1.mp4", "a/2.mkv", "3.ts", "4.y4m", "5.gif", "6.png", "v1.0/7.left.jpg", "8.webp",
        ]
        for name in names {
            let isStill = ["png", "jpg"].contains { name.hasSuffix($0) }
            try folder.make(
                "media/\(name)", source: "testsrc2=s=66x50:r=25:d=\(isStill ? "0.1" : "1.3")",
                name.hasSuffix("ts") ? "-c:v mpeg2video" : "-pix_fmt yuv420p",
                isStill ? "-frames:v 1" : "")
        }
        let whole = try folder.bytes("media/a/1.mp4")
        try folder.write(whole.dropLast(whole.count / 3), to: "media/cut.mp4")
        let stream = try folder.bytes("media/3.ts")
        try folder.write(stream.dropLast(stream.count / 3), to: "media/cut.ts")
        return names + ["cut.mp4", "cut.ts"]
    }

    private func withoutInput(_ row: JSONValue, _ replaced: [String]) -> String {
        let text = JSONValue.object(row.members?.filter { $0.key != "input" } ?? []).description
        return replaced.reduce(text) { $0.replacing($1, with: "") }
    }

    @Test(arguments: ["ustar", "gnu", "pax", "v7"])
    func `members have the rows of the files that GNU tar unpacks`(format: String) throws {
        let names = try makeMedia()
        let archive = folder.path("media.tar")
        try tar(["--format=\(format)", "-C", folder.path("media"), "-cf", archive] + names)
        try FileManager.default.createDirectory(
            atPath: folder.path("unpacked"), withIntermediateDirectories: false)
        try tar(["-C", folder.path("unpacked"), "-xf", archive])
        let members = try score([archive, "--no-store"])
        let files = try score(names.map { folder.path("unpacked/\($0)") } + ["--no-store"])
        #expect(members.status == 1 && files.status == 1)
        let (left, right) = try (rows(members), rows(files))
        #expect(left.map { $0["input"] } == names.map { .string("\(archive)#member=\($0)") })
        try #require(left.count == right.count)
        for (left, right) in zip(left, right) {
            #expect(
                withoutInput(left, ["\(archive)#member="])
                    == withoutInput(right, [folder.path("unpacked") + "/"]))
        }
        #expect(left.count { $0["logit"] != nil } >= 8)
    }

    @Test func `windows, regions and degradations of a member are those of its file`() throws {
        let video = try folder.make(
            "1.mp4", source: "testsrc2=s=66x50:r=10:d=2", "-pix_fmt yuv420p")
        let archive = folder.path("one.tar")
        try tar(["-C", folder.path, "-cf", archive, "1.mp4"])
        let member = "\(archive)#member=1.mp4"
        for (suffix, options) in [("#xywh=2,4,20,30", []), ("", ["--sampling", "window"])] {
            let options = options + ["--no-store"]
            let found = try [member, video].map { try rows(score(["\($0)\(suffix)"] + options)) }
            try #require(found.allSatisfy { $0.count == 1 && $0[0]["logit"] != nil })
            #expect(withoutInput(found[0][0], []) == withoutInput(found[1][0], []))
        }
        let all = try rows(score(["\(archive)#xywh=2,4,20,30"]))
        #expect(all.first?["input"] == .string("\(member)#xywh=2,4,20,30"))
    }

    @Test func `the store finds a member by its content`() throws {
        let store = folder.path("store.sqlite")
        let video = try folder.make("1.mp4", "-pix_fmt yuv420p")
        let archive = folder.path("one.tar")
        try tar(["-C", folder.path, "-cf", archive, "1.mp4"])
        let first = try rows(score([archive, "--store", store]))
        let second = try rows(score([video, "--store", store]))
        #expect(withoutInput(first[0], []) == withoutInput(second[0], []))
        let info = try CommandRun.ganrm(["store", "info", "--store", store])
        #expect(info.output.contains("inputs 1 "), "\(info.output)")
    }

    @Test(arguments: ["gz", "xz", "zst"])
    func `a compressed archive has the rows of the archive`(format: String) throws {
        let plain = Fixture.path("media/shards/gnu.tar")
        let archive = "\(plain).\(format)"
        let (left, right) = try (rows(score([archive])), rows(score([plain])))
        try #require(left.count == right.count)
        for (left, right) in zip(left, right) {
            #expect(
                withoutInput(left, ["\(archive)#member=", archive])
                    == withoutInput(right, ["\(plain)#member=", plain]))
        }
        #expect(
            left.map { $0["input"]?.stringValue?.replacing(archive, with: plain) }
                == right.map { $0["input"]?.stringValue })
        #expect(left.count { $0["logit"] != nil } > 8)
        let member = try rows(score(["\(archive)#member=0000.jpg"]))
        #expect(member[0]["logit"] == left[0]["logit"])

        // Half an archive: its members as far as they go, and an error.
        let bytes = try [UInt8](Data(contentsOf: URL(fileURLWithPath: archive)))
        let half = try folder.write(bytes[..<(bytes.count / 2)], to: "half.tar.\(format)")
        let run = try score([half])
        #expect(run.status != 0)
        let found = try rows(run)
        let error = found.last?["error"]?.stringValue ?? ""
        #expect(
            error.contains("it cannot be decompressed")
                || error.contains("the archive ends inside it"), "\(error)")
        #expect(found.count <= left.count)
    }

    @Test func `siblings give id and prompt, and each failure is a row`() throws {
        let archive = Fixture.path("media/shards/pax.tar")
        let run = try score([archive])
        #expect(run.status == 1)
        let rows = try rows(run)
        #expect(rows.count == 14)
        #expect(rows[0]["id"] == .integer(17) && rows[0]["prompt"] == .string("from json"))
        #expect(rows[0]["group"] == .string("first") && rows[0]["width"] == nil)
        #expect(rows[1]["prompt"] == .string("ein Hügel"))
        #expect(rows.filter { $0["error"] != nil }.count == 4)
        #expect(
            rows.last?["error"]
                == .string(
                    "cannot read '\(archive)#member=pipe.png': it is a named pipe, which has no bytes of its own"
                ))
    }

    @Test func `archives are shards, and merge to the rows of one run`() throws {
        for index in 0..<5 {
            try FileManager.default.copyItem(
                atPath: Fixture.path("media/shards/webdataset.tar"),
                toPath: folder.path("shard-00\(index).tar"))
        }
        let still = Fixture.path("media/stills/rgb.jpg")
        let inputs = [folder.path("shard-{000..004}.tar"), still]
        let whole = try score(inputs)
        #expect(whole.status == 0 && whole.lines.count == 16)
        let parts = try (0..<2).map { index in
            let path = folder.path("part-\(index).jsonl")
            let run = try score(inputs + ["--shard", "\(index)/2", "-o", path])
            #expect(run.status == 0)
            return path
        }
        #expect(
            try CommandRun.ganrm(["merge"] + parts.reversed()).output == whole.output)
        let first = try JSONValue(
            parsing: String(folder.text("part-1.jsonl").split(separator: "\n")[1]))
        #expect(first["position"] == .integer(1) && first["total"] == .integer(6))
        #expect(first["member_position"] == .integer(1) && first["member_total"] == .integer(3))
        // A shard that ends inside an archive.
        let lines = try folder.text("part-0.jsonl").split(separator: "\n")
        try folder.write(lines.dropLast().joined(separator: "\n") + "\n", to: "part-0.jsonl")
        let refused = try CommandRun.ganrm(["merge"] + parts)
        #expect(refused.status == 3)
        #expect(
            refused.messages.contains(
                "input 4 ends after 2 of its members; is a shard unfinished?"),
            "\(refused.messages)")
        let output = folder.path("part-0.jsonl")
        #expect(try score(inputs + ["--shard", "0/2", "-o", output, "--resume"]).status == 0)
        #expect(
            try CommandRun.ganrm(["merge"] + parts).output == whole.output)
    }

    @Test func `a folder of archives is read, and one of media is not searched for archives`()
        throws
    {
        let archive = Fixture.path("media/shards/webdataset.tar")
        try folder.write(Data(contentsOf: URL(fileURLWithPath: archive)), to: "f/g/a.tar")
        #expect(try score([folder.path("f")]).lines.count == 3)
        #expect(try score([folder.path("f/*/*.tar")]).lines.count == 3)
        let still = Fixture.path("media/stills/rgb.jpg")
        try folder.write(Data(contentsOf: URL(fileURLWithPath: still)), to: "f/a.jpg")
        #expect(try score([folder.path("f")]).lines.count == 1)
    }

    @Test func `what is no archive that can be read is refused with a sentence`() throws {
        let bytes = try [UInt8](
            Data(contentsOf: URL(fileURLWithPath: Fixture.path("media/shards/webdataset.tar"))))
        let other = try folder.write("BZh91AY", to: "a.tar.bz2")
        let damaged = try folder.write([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 7, 7], to: "a.tar.gz")
        let unnamed = try folder.write(bytes, to: "archive")
        let empty = try folder.write([UInt8](repeating: 0, count: 10240), to: "empty.tar")
        let cut = try folder.write(bytes[..<2000], to: "cut.tar")
        let named = try folder.write(bytes, to: "a.tar")
        let list = try folder.write("\(named)\n\(named)#member=a/000000.jpg\n", to: "list.txt")
        let run = try score([
            other, damaged, unnamed, empty, cut, "\(named)#member=b.jpg", "--list", list,
        ])
        let errors = try rows(run).map { $0["error"]?.stringValue }
        #expect(
            errors == [
                "cannot read '\(other)': its compression is not read; decompress it: bunzip2 '\(other)'",
                "cannot read '\(damaged)': it cannot be decompressed: gzip decompression failed",
                "'\(unnamed)' is a tar archive; its members are read if it is named as an argument and its name ends in "
                    + ".tar; else unpack it",
                "'\(empty)' holds no file with the extension of a video or an image; name other files one by one",
                nil,
                "cannot read '\(cut)': it is damaged at byte 1536: it ends inside a header",
                "cannot read '\(named)#member=b.jpg': the archive has no such member",
                "'\(named)' is a tar archive; its members are read if it is named as an argument and its name ends in "
                    + ".tar; else unpack it",
                nil,
            ])
    }

    @Test func `a thousand shards`() throws {
        let archive = try Data(
            contentsOf: URL(fileURLWithPath: Fixture.path("media/shards/webdataset.tar")))
        for index in 0..<1000 {
            let number = String(index)
            let zeros = String(repeating: "0", count: 3 - number.count)
            // Every hundredth ends inside its last medium.
            try folder.write(
                index % 100 == 99 ? archive[..<5700] : archive, to: "s/\(zeros)\(number).tar")
        }
        let run = try score([folder.path("s/{000..999}.tar"), "--store", folder.path("store")])
        #expect(run.status == 1)
        let rows = try rows(run)
        #expect(rows.count == 3000, "\(rows.count)")
        #expect(Set(rows.compactMap { $0["input"]?.stringValue }).count == 3000)
        #expect(rows.count { $0["error"] != nil } == 10)
        #expect(Set(rows.compactMap { $0["logit"]?.description }).count == 3)
    }

    @Test func `rank, encode, train, eval and metrics read archives`() throws {
        let sides = ["good", "raw"].map { setting.media.folder.path($0) }
        for (index, side) in sides.enumerated() {
            let files = try FileManager.default.contentsOfDirectory(atPath: side).sorted()
            try tar(["-C", side, "-cf", folder.path("\(index).tar")] + files)
        }
        let archives = [folder.path("0.tar"), folder.path("1.tar")]

        let logits = try [[sides[0]], [archives[0]]].map { inputs in
            try rows(ganrm(["rank", "--group-by", "folder"] + inputs)).map {
                $0["logit"]?.description
            }
        }
        #expect(logits[0] == logits[1] && logits[0].count == 6)

        let encoded = try zip([sides, archives], ["files", "members"]).map { inputs, name in
            let output = folder.path("\(name).safetensors")
            let run = try CommandRun.ganrm(
                ["encode"] + inputs + ["-o", output] + setting.model.encoderOptions)
            try #require(run.status == 0, "\(run.messages)")
            return try EmbeddingSet(path: output)
        }
        #expect(encoded[0].vectors == encoded[1].vectors && encoded[0].vectors.count == 12)

        let trained = try [sides, archives].map { inputs in
            let head = folder.path("head-\(inputs == sides).safetensors")
            let run = try CommandRun.ganrm(
                ["train", "--proxy", inputs[0], "--generated", inputs[1], "-o", head, "--steps"]
                    + ["10", "--frames", "4", "--warm-up-steps", "2"] + setting.model.encoderOptions
            )
            try #require(run.status == 0, "\(run.messages)")
            let report = try ganrm(["eval", "--proxy", inputs[0], "--generated", inputs[1]])
            #expect(report.status == 0, "\(report.messages)")
            return report.output
        }
        #expect(trained[0] == trained[1])

        let metrics = try [sides[0], archives[0]].map { input in
            let run = try CommandRun.ganrm(
                ["metrics", input, "--metrics", "temporal_flickering"])
            #expect(run.status == 0, "\(run.messages)")
            return try rows(run).map { $0["metrics"]?.description }
        }
        #expect(metrics[0] == metrics[1] && metrics[0].count == 6)
    }

    @Test func `prompts of siblings group candidates as those of a manifest`() throws {
        for (name, text) in [("0", "a lake"), ("1", "a hill"), ("2", "a lake")] {
            try folder.make("c/\(name).png", source: "testsrc2=s=66x50:d=1", "-frames:v 1")
            try folder.write(text + "\n", to: "c/\(name).txt")
        }
        let archive = folder.path("c.tar")
        try tar(
            ["-C", folder.path("c"), "-cf", archive] + [
                "2.txt", "0.png", "1.png", "1.txt", "2.png", "0.txt",
            ])
        let groups = try rows(ganrm(["rank", archive]))
        #expect(
            groups.map { $0["prompt"]?.stringValue } == ["a lake", "a lake", "a hill", "a hill"])
    }

    @Test func `candidates in archives are grouped wherever the archive is`() throws {
        for name in ["a/0007_0.png", "b/0007_1.png", "a/0008_0.png", "b/0008_1.png"] {
            try folder.make("c/\(name)", source: "testsrc2=s=66x50:d=1", "-frames:v 1")
        }
        let archive = folder.path("archives/c.tar")
        try FileManager.default.createDirectory(
            atPath: folder.path("archives"), withIntermediateDirectories: false)
        func groups(_ input: String, by rule: String) throws -> [String: Set<String>] {
            let found = try rows(ganrm(["rank", folder.path(input), "--group-by", rule])).map {
                try (
                    #require($0["group"]?.stringValue),
                    String(#require($0["input"]?.stringValue?.split(separator: "/").last))
                )
            }
            return Dictionary(grouping: found, by: \.0).mapValues { Set($0.map(\.1)) }
        }
        for names in [["."], ["a", "b"]] {
            try tar(["-C", folder.path("c"), "-cf", archive] + names)
            for input in ["archives", "archives/c.tar", "archives/*.tar"] {
                #expect(
                    try groups(input, by: "auto") == [
                        "0007": ["0007_0.png", "0007_1.png"],
                        "0008": ["0008_0.png", "0008_1.png"],
                    ])
                #expect(try groups(input, by: "folder") == groups("c", by: "folder"))
            }
        }
    }

    @Test(arguments: ["-cf", "-czf"])
    func `data sets and pages have the bytes of members`(packing: String) throws {
        for index in 0..<4 {
            try folder.make(
                "c/v.1/\(index).png", source: "testsrc2=s=66x50:d=1,hue=h=\(80 * index)",
                "-frames:v 1")
            try folder.write("prompt \(index / 2)\n", to: "c/v.1/\(index).txt")
        }
        let archive = folder.path(packing == "-cf" ? "c.tar" : "c.tar.gz")
        try tar(["-C", folder.path("c"), packing, archive, "v.1"])
        func file(_ input: JSONValue?) throws -> Data {
            let input = try #require(input?.stringValue)
            #expect(input.hasPrefix("\(archive)#member=v.1/"))
            return try Data(folder.bytes("c/" + input.dropFirst("\(archive)#member=".count)))
        }
        func bytes(_ name: String) throws -> Data { try Data(folder.bytes(name)) }
        func pictures(_ name: String) throws -> Set<Data> {
            try Set(
                FileManager.default.subpathsOfDirectory(atPath: folder.path(name))
                    .filter { $0.hasSuffix(".png") }.map { try bytes("\(name)/\($0)") })
        }
        let all = try pictures("c")
        #expect(all.count == 4)

        let pairs = folder.path("pairs.jsonl")
        for (format, files) in [("folders", "copy"), ("webdataset", "hardlink")] {
            let run = try ganrm(
                ["pairs", archive, "-o", pairs, "--overwrite", "--files", files]
                    + ["--export", format, folder.path(format), "--max-unfamiliar", "100"])
            try #require(run.status == 0, "\(run.messages)")
        }
        try tar([
            "-C", folder.path("webdataset"), "-xf", folder.path("webdataset/pairs-000000.tar"),
        ])
        let found = try String(contentsOfFile: pairs, encoding: .utf8).split(separator: "\n")
            .map { try JSONValue(parsing: $0) }
        #expect(found.count == 2)
        for (index, pair) in found.enumerated() {
            let (chosen, rejected) = try (file(pair["chosen"]), file(pair["rejected"]))
            #expect(try bytes("folders/w/00000\(index).png") == chosen)
            #expect(try bytes("folders/l/00000\(index).png") == rejected)
            #expect(try bytes("webdataset/00000\(index).jpg_0") == chosen)
            #expect(try bytes("webdataset/00000\(index).jpg_1") == rejected)
        }
        // Lists that may refer to files elsewhere have files of their own, too.
        let selected = try ganrm(
            ["select", archive, "--export", "jsonl", folder.path("set"), "--max-unfamiliar", "100"])
        try #require(selected.status == 0, "\(selected.messages)")
        #expect(try pictures("set") == Set(found.map { try file($0["chosen"]) }))

        let ranks = folder.path("ranks.jsonl")
        #expect(try ganrm(["rank", archive, "-o", ranks]).status == 0)
        let pages = [
            ["report", ranks, "-o", folder.path("report"), "--files", "copy"],
            ["study", "make", pairs, "-o", folder.path("study")],
            ["study", "make", pairs, "-o", folder.path("study.html")],
        ]
        for page in pages {
            let run = try CommandRun.ganrm(page)
            #expect(run.status == 0, "\(run.messages)")
        }
        #expect(try pictures("report") == all && pictures("study") == all)
        let page = try String(contentsOfFile: folder.path("study.html"), encoding: .utf8)
        for picture in all { #expect(page.contains(picture.base64EncodedString())) }
        let linked = try CommandRun.ganrm(
            ["study", "make", pairs, "-o", folder.path("linked"), "--files", "symlink"])
        #expect(
            linked.messages.contains(
                "a member of a tar archive, to which nothing can be linked; have it copied or embedded"
            ),
            "\(linked.messages)")
    }
}
