import Foundation
import Testing
import TestSupport
import TextFormats

/// `ganrm study`: the page, and the statistics of the answers.
@Suite struct StudyCommandTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// Writes answers like the page: for each pair the preferred side, with the sides in the key.
    private func save(
        _ name: String, rater: String, _ words: [String], margins: [Double?],
        prompts: [String]? = nil
    ) throws -> String {
        let sides = words.indices.map { $0 % 3 == 0 ? ["left", "right"] : ["right", "left"] }
        let key = words.indices.map { index in
            JSONValue.object(
                [
                    .init("prompt", .string(prompts?[index] ?? "prompt \(index)")),
                    .init("chosen", .string("good\(index).mp4")),
                    .init("rejected", .string("bad\(index).mp4")),
                    .init("side", .string(sides[index][0])),
                ] + (margins[index].map { [.init("margin", .number($0))] } ?? []))
        }
        let answers = words.enumerated().map { index, word in
            let side = ["chosen": sides[index][0], "rejected": sides[index][1]][word] ?? word
            return JSONValue.object([
                .init("item", .integer(index)), .init("answer", .string(side)),
            ])
        }
        let text = JSONValue.object([
            .init("rater", .string(rater)), .init("answers", .array(answers)),
            .init(
                "key",
                .string(Data(JSONValue.array(key).description.utf8).base64EncodedString())),
        ]).description
        return try folder.write(text, to: name)
    }

    private func report(_ files: [String]) throws -> JSONValue {
        let run = try CommandRun.ganrm(["study"] + files + ["--format", "json"])
        try #require(run.status == 0, "\(run.messages)")
        return try JSONValue(parsing: run.output)
    }

    @Test func `the win rate of a single rater has a Wilson interval`() throws {
        // 7 wins, 3 losses, 2 ties, 1 skipped; the last pair has a negative margin and is a loss.
        let words =
            Array(repeating: "chosen", count: 7) + [
                "rejected", "rejected", "equal", "equal", "skip",
            ]
            + ["rejected"]
        let margins: [Double?] = [2, 2, 2, 2, 2, 1, 1, 1, 1, 0.5, 0.5, 9, -3]
        let report = try report([try save("a.json", rater: "Anna", words, margins: margins)])
        #expect(report["interval"] == .string("wilson"))
        #expect(report["win_rate"]?["value"]?.doubleValue == 0.7)
        // SciPy 1.17.1: binomtest(7, 10).proportion_ci(method="wilson").
        let low = try #require(report["win_rate"]?["low"]?.doubleValue)
        #expect(abs(low - 0.39677814746114526) < 1e-12)
        // (7 + 2 · ½) / 12.
        let withTies = try #require(report["win_rate_ties_half"]?["value"]?.doubleValue)
        #expect(abs(withTies - 8.0 / 12) < 1e-12)
        #expect(report["skipped"] == .integer(1) && report["ties"] == .integer(2))
        // Chosen is on the left in pairs 0, 3, 6, 9, 12. Left was preferred in wins 0, 3, 6 and
        // losses 7, 8: 5 of 10.
        #expect(report["left_share"]?["value"]?.doubleValue == 0.5)
        // Agreement with the head: 7 wins, the loss with margin -3, and two ties: (8 + 1) / 12.
        #expect(report["head"]?["accuracy"]?["value"]?.doubleValue == 0.75)
        // 12 pairs give two bins of six by |margin|: 0.5 with two ties, 1 with two wins and two
        // losses; 2 with five wins, and the loss with -3.
        let bins = try #require(report["head"]?["by_margin"]?.arrayValue)
        #expect(bins.map { $0["accuracy"]?["value"]?.doubleValue } == [0.5, 1])
        let expected = 2 * (1 / (1 + exp(-0.5))) + 4 * (1 / (1 + exp(-1.0)))
        let found = try #require(bins[0]["expected"]?.doubleValue)
        #expect(abs(found - expected / 6) < 1e-12)
        #expect(report["agreement"] == .null)
    }

    @Test func `several raters have bootstrap intervals by prompt and an agreement`() throws {
        let margins: [Double?] = [nil, nil, nil, nil]
        let files = [
            try save(
                "a.json", rater: "Anna", ["chosen", "chosen", "rejected", "equal"], margins: margins
            ),
            try save(
                "b.json", rater: "Ben", ["chosen", "rejected", "rejected", "skip"], margins: margins
            ),
        ]
        let report = try report(files)
        #expect(report["interval"] == .string("bootstrap"))
        #expect(report["win_rate"]?["value"]?.doubleValue == 0.5)
        // Units CC, CR, RR; Anna's tie has no counterpart. n = 6, three of each class:
        // α = 1 − (n − 1) · Σ o_ck / Σ n_c n_k = 1 − 5 · 2 / 18.
        let alpha = try #require(report["agreement"]?["alpha"]?["value"]?.doubleValue)
        #expect(abs(alpha - (1 - 10.0 / 18)) < 1e-12)
        #expect(report["head"] == .null)

        let pairs = try CommandRun.ganrm(["study", "--format", "pairs"] + files)
        #expect(pairs.lines.count == 6)
        #expect(
            pairs.lines[2]
                == #"{"winner":"bad2.mp4","loser":"good2.mp4","group":"prompt 2"}"#)
        let table = try CommandRun.ganrm(["study"] + files)
        #expect(table.output.contains("win rate of chosen    0.500  "))
        let twice = try CommandRun.ganrm(["study", files[0], files[0]])
        #expect(twice.status == 3 && twice.messages.contains("'Anna' holds no answers of a study"))
    }

    @Test func `invalid answer files are refused with a reason`() throws {
        let good = try folder.text(
            URL(
                fileURLWithPath: try save(
                    "a.json", rater: "", ["chosen", "equal"], margins: [1, 1])
            ).lastPathComponent)
        for text in [
            "", "[]", "{\"answers\":[],\"key\":\"AAAA\"}",
            good.replacing("\"item\":1", with: "\"item\":0"),
            good.replacing("\"item\":1", with: "\"item\":7"),
            good.replacing("\"equal\"", with: "\"perhaps\""),
        ] {
            let run = try CommandRun.ganrm(["study", try folder.write(text, to: "bad.json")])
            #expect(run.status == 3)
            #expect(run.messages.hasPrefix("ganrm: '\(folder.path("bad.json"))' holds no answers"))
        }
    }

    @Test func `sides are balanced, and sides and order depend on the seed`() throws {
        let media = try TestMedia()
        let (good, bad) = (try media.video("a.mp4"), try media.video("b.mp4", seed: 1))
        let rows = (0..<21).map {
            "{\"prompt\":\"\($0)\",\"chosen\":\"\(good)\",\"rejected\":\"\(bad)\"}\n"
        }
        let pairs = try folder.write(rows.joined(), to: "pairs.jsonl")
        func key(seed: Int) throws -> [JSONValue] {
            let page = "study\(seed).html"
            let run = try CommandRun.ganrm([
                "study", "make", pairs, "-o", folder.path(page), "--seed", "\(seed)",
            ])
            try #require(run.status == 0, "\(run.messages)")
            let text = try folder.text(page)
            #expect(text.contains("\"src\":\"data:video/mp4;base64,"))
            let encoded = try #require(text.firstMatch(of: /"key":"([^"]*)"/)).output.1
            let data = try #require(Data(base64Encoded: String(encoded)))
            return try JSONValue(parsing: String(decoding: data, as: UTF8.self)).arrayValue ?? []
        }
        let first = try key(seed: 1)
        let left = first.count { $0["side"] == .string("left") }
        #expect(left == 10 || left == 11)
        #expect(try key(seed: 1) == first)
        let second = try key(seed: 2)
        #expect(second.map { $0["prompt"] } != first.map { $0["prompt"] })
        #expect(Set(second.map { $0["prompt"] }) == Set(first.map { $0["prompt"] }))
    }

    @Test(.enabled(if: Browser.program != nil, "needs /usr/bin/chromium: apt-get install chromium"))
    func `a study can be answered blind, resumed, saved and evaluated`() throws {
        let media = try TestMedia()
        var rows = ""
        for index in 0..<6 {
            let chosen = try media.video("best\(index).mp4", frames: 8, seed: index)
            let rejected = try media.noise("worst\(index).mp4", seed: index)
            rows +=
                JSONValue.object([
                    .init("prompt", .string("<b>prompt \(index)")),
                    .init("chosen", .string(chosen)),
                    .init("rejected", .string(rejected)),
                    .init("margin", .number(Double(index + 1))),
                ]).description + "\n"
        }
        rows += "{\"prompt\":\"p\",\"chosen\":\"gone.mp4\",\"rejected\":\"gone too.mp4\"}\n"
        let pairs = try folder.write(rows, to: "pairs.jsonl")
        let run = try CommandRun.ganrm(["study", "make", pairs, "-o", folder.path("study")])
        #expect(run.status == 1, "\(run.messages)")
        let line = try #require(run.messages.split(separator: "\n").first)
        #expect(line.hasPrefix("ganrm: 2 files cannot be shown: "))
        // In the order of the page, in which A and B are drawn.
        for name in ["'gone.mp4'", "'gone too.mp4'"] { #expect(line.contains(name)) }
        let page = try folder.text("study/index.html")
        #expect(page.matches(of: /\?</).count == 1)
        #expect(page.contains("<p id=\"question\">Which one do you prefer, A or B?</p>"))
        for word in ["best", "worst", "chosen", "rejected", media.folder.path] {
            #expect(!page.contains(word), "\(word)")
        }

        let browser = try Browser()
        try browser.allowDownloads(to: folder.path)
        try browser.open(folder.path("study/index.html"))
        let key = try browser.value("JSON.parse(atob(data.key))").arrayValue ?? []
        try #require(key.count == 6)
        // Chosen, chosen, rejected, tie, skip; one answer is undone and given again.
        func side(_ index: Int, chosen: Bool) -> String {
            (key[index]["side"] == .string("left")) == chosen ? "Left" : "Right"
        }
        try browser.wait("[...document.querySelectorAll('video')].every(v => v.currentTime > 0)")
        try browser.click("#rater")
        try browser.type("Zoë")
        try browser.click("#question")
        try browser.press("Arrow" + side(0, chosen: true))
        try browser.press("Arrow" + side(1, chosen: false))
        try browser.press("u")
        try browser.click("#choose-" + side(1, chosen: true).lowercased())
        try browser.press("Arrow" + side(2, chosen: false))
        #expect(try browser.value("answers.length") == .integer(3))
        // Saved answers may reach the reloaded page, possibly another process, after a delay.
        for _ in 0..<50 {
            try browser.open(folder.path("study/index.html"))
            if try browser.value("answers.length") == .integer(3) { break }
        }
        #expect(try browser.value("answers.length") == .integer(3))
        try browser.press("ArrowDown")
        try browser.press("s")
        #expect(
            try browser.value("document.getElementById('position').textContent")
                == .string("6 of 6"))
        try browser.press("Arrow" + side(5, chosen: true))
        try browser.wait("!document.getElementById('over').hidden")
        try browser.click("#save-over")
        for _ in 0..<300 where !FileManager.default.fileExists(atPath: folder.path("Zoë.json")) {
            Thread.sleep(forTimeInterval: 0.1)
        }
        let report = try report([folder.path("Zoë.json")])
        let keys = ["wins", "losses", "ties", "skipped", "answers", "raters"]
        #expect(keys.map { report[$0]?.integerValue } == [3, 1, 1, 1, 5, 1])
        #expect(browser.complaints.isEmpty, "\(browser.complaints)")
    }
}
