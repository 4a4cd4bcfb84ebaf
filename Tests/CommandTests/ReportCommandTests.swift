import Foundation
import Testing
import TestSupport
import TextFormats

/// The HTML page of `ganrm report`, also operated in a browser if one is installed.
@Suite struct ReportCommandTests {
    private let media: TestMedia
    private let folder: TemporaryFolder
    private static let hostile = "</script><script>alert(1)</script><!-- \"'&\u{2028}\u{202e}🌅"

    init() throws {
        media = try TestMedia()
        folder = try TemporaryFolder()
    }

    private func row(_ members: (String, JSONValue)...) -> String {
        JSONValue.object(members.map { .init($0, $1) }).description + "\n"
    }

    /// Writes ranks of three prompts: a grid of two cells, a hostile prompt, and a failure.
    private func ranks() throws -> String {
        let grid = try media.video("grid #1.mp4", size: "128x48")
        let (a, b) = (
            try media.video("a.mp4", seed: 1), try media.video("b.mp4", frames: 16, seed: 2)
        )
        let rows = [
            row(
                ("group", .string("0")), ("prompt", .string("a red fox")),
                ("input", .string("\(grid)#xywh=64,0,64,48")), ("rank", .integer(1)),
                ("score", .number(0.9)), ("logit", .number(2.5)), ("margin", .number(1))),
            row(
                ("group", .string("0")), ("prompt", .string("a red fox")),
                ("input", .string("\(grid)#xywh=0,0,64,48")), ("rank", .integer(2)),
                ("logit", .number(1.5))),
            row(
                ("group", .string("1")), ("prompt", .string(Self.hostile)), ("input", .string(a)),
                ("logit", .number(-1)), ("logit_spread", .number(0.25))),
            row(
                ("group", .string("1")), ("prompt", .string(Self.hostile)), ("input", .string(b)),
                ("logit", .number(3))),
            row(
                ("group", .string("2")), ("prompt", .string("a blue bird")), ("input", .string(a)),
                ("logit", .number(0))),
            row(
                ("group", .string("2")), ("prompt", .string("a blue bird")),
                ("input", .string("gone.mp4")), ("error", .string("<i>'gone.mp4'</i> is gone"))),
        ]
        return try folder.write(rows.joined(), to: "ranks.jsonl")
    }

    @Test func `a single-file page embeds thumbnails, and prompts cannot end its script`()
        throws
    {
        let page = folder.path("page.html")
        let run = try CommandRun.ganrm(["report", try ranks(), "-o", page])
        #expect(run.status == 0, "\(run.messages)")
        #expect(run.output.isEmpty)
        let text = try folder.text("page.html")
        #expect(text.components(separatedBy: "</script>").count == 3)
        #expect(text.contains("\"src\":\"data:video/webm;base64,"))
        #expect(!text.contains("alert(1)</") && !text.contains(media.folder.path + "/a.mp4\"}"))
        let data = try #require(
            text.firstMatch(of: /id="data">(.*?)<\/script>/)
        ).output.1
        let prompts = try JSONValue(parsing: data)["prompts"]?.arrayValue
        #expect(
            prompts?.map { $0["prompt"]?.stringValue } == [
                "a red fox", Self.hostile, "a blue bird",
            ])
        // The second prompt: best first, with a margin of 3 - (-1) = 4; the last one has no margin.
        let candidates = try #require(prompts?[1]["candidates"]?.arrayValue)
        #expect(candidates.map { $0["rank"]?.integerValue } == [1, 2])
        #expect(candidates.map { $0["margin"]?.doubleValue } == [4, nil])
        #expect(
            prompts?[2]["problem"]?.stringValue
                == "prompt 'a blue bird': 1 of 2 candidates has a score; a comparison needs two")
    }

    @Test(arguments: ["symlink", "hardlink", "copy"])
    func `media files are numbered, and originals are never changed`(files: String)
        throws
    {
        let ranks = try ranks()
        let original = try media.folder.bytes("a.mp4")
        // The second run replaces existing files.
        for _ in 0..<2 {
            let run = try CommandRun.ganrm([
                "report", ranks, "-o", folder.path("report"), "--files", files,
            ])
            #expect(run.status == 0, "\(run.messages)")
        }
        let names = try FileManager.default.contentsOfDirectory(
            atPath: folder.path("report/media"))
        // Each video has a poster of the same number.
        #expect(
            names.sorted() == [
                "00001.jpg", "00001.mp4", "00002.jpg", "00002.mp4", "00003.jpg", "00003.mp4",
            ])
        #expect(try folder.bytes("report/media/00003.mp4") == original)
        #expect(try media.folder.bytes("a.mp4") == original)
    }

    /// A ranks file with relative paths, beside one video and with five missing files.
    private func relativeRanks() throws -> String {
        try FileManager.default.createDirectory(
            atPath: folder.path("lists/clips"), withIntermediateDirectories: true)
        try FileManager.default.copyItem(
            atPath: try media.video("a.mp4"), toPath: folder.path("lists/clips/a #1.mp4"))
        let model = JSONValue.object([
            .init("name", .string("default")), .init("fingerprint", .string("0123456789ab")),
            .init("encoder", .string("dinov2-small-imgfocus@3c653e471eea")),
        ])
        let rows = (["a #1"] + (0..<5).map { "gone\($0)" }).enumerated().map { index, name in
            row(
                ("prompt", .string("p")), ("input", .string("clips/\(name).mp4")),
                ("logit", .number(Double(-index))), ("model", model),
                ("precision", .string("bf16")), ("version", .string("0.1.0")))
        }
        return try folder.write(rows.joined(), to: "lists/ranks.jsonl")
    }

    @Test(arguments: ["page.html", "page"])
    func `files are found beside the list, and missing ones are reported once and counted`(
        output: String
    ) throws {
        let run = try CommandRun.ganrm(["report", try relativeRanks(), "-o", folder.path(output)])
        #expect(run.status == 1)
        let line = try #require(run.messages.split(separator: "\n").first)
        #expect(line.hasPrefix("ganrm: 5 files cannot be shown: "))
        #expect(line.hasSuffix(" ('clips/gone0.mp4', 'clips/gone1.mp4', 'clips/gone2.mp4', …)"))
        #expect(run.messages.split(separator: "\n").count { $0.contains("gone") } == 1)
        let page = try folder.text(output == "page" ? "page/index.html" : output)
        let sentence = line.dropFirst("ganrm: ".count).replacing("'", with: "&#39;")
        #expect(page.contains("<li>\(sentence)</li>"))
        #expect(page.contains("looked for in &#39;\(folder.path("lists"))&#39; and &#39;"))
        #expect(page.contains(", 5 not shown</p>"))
        #expect(
            page.contains(
                output == "page" ? "\"src\":\"../lists/clips/a%20%231.mp4\"" : "data:video/webm"))
    }

    @Test func `histograms of few prompts have whole counts`() throws {
        _ = try CommandRun.ganrm(["report", try ranks(), "-o", folder.path("page.html")])
        let page = try folder.text("page.html")
        let ticks = page.matches(of: #/text-anchor="end">([^<]*)</#).map { String($0.output.1) }
        #expect(ticks == ["0", "1", "0", "1"])
    }

    /// Contrast by WCAG 2.2: 4.5 for text (1.4.3), 3 for edges of controls (1.4.11).
    @Test func `colours have contrast in both schemes`() throws {
        _ = try CommandRun.ganrm(["report", try ranks(), "-o", folder.path("page.html")])
        let page = try folder.text("page.html")
        func luminance(_ color: Substring) throws -> Double {
            let digits = color.count == 3 ? color.flatMap { [$0, $0] } : Array(color)
            let value = try #require(UInt32(String(digits), radix: 16))
            let channels = [16, 8, 0].map { shift in
                let share = Double(value >> UInt32(shift) & 255) / 255
                return share <= 0.04045 ? share / 12.92 : pow((share + 0.055) / 1.055, 2.4)
            }
            return 0.2126 * channels[0] + 0.7152 * channels[1] + 0.0722 * channels[2]
        }
        let schemes = page.matches(of: #/:root \{(.*?)\}/#.dotMatchesNewlines()).map { root in
            Dictionary(
                root.output.1.matches(of: #/--([a-z]+): #([0-9a-f]+)/#)
                    .map { ($0.output.1, $0.output.2) }, uniquingKeysWith: { $1 })
        }
        #expect(schemes.count == 2)
        for scheme in schemes {
            for (name, least) in [
                ("text", 4.5), ("faint", 4.5), ("proxy", 4.5), ("generated", 4.5), ("edge", 3.0),
            ] {
                for back in ["back", "panel"] {
                    let pair = try [name, back].map {
                        try luminance(#require(scheme[Substring($0)]))
                    }
                    let contrast = (pair.max()! + 0.05) / (pair.min()! + 0.05)
                    #expect(contrast >= least, "\(name) on \(back)")
                }
            }
        }
    }

    @Test func `the header names the model and the precision`() throws {
        _ = try CommandRun.ganrm(["report", try relativeRanks(), "-o", folder.path("page.html")])
        #expect(
            try folder.text("page.html").contains(
                "<p>Scored by model default (0123456789ab), encoder "
                    + "dinov2-small-imgfocus@3c653e471eea, precision bf16, ganrm 0.1.0</p>"))
        _ = try CommandRun.ganrm(["report", try ranks(), "-o", folder.path("bare.html")])
        #expect(try folder.text("bare.html").contains("<p>The rows name no model.</p>"))
    }

    @Test func `videos have posters, their first frames`() throws {
        let run = try CommandRun.ganrm(["report", try ranks(), "-o", folder.path("report")])
        #expect(run.status == 0, "\(run.messages)")
        let page = try folder.text("report/index.html")
        let posters = page.matches(of: /"poster":"(media\/[0-9]+\.jpg)"/).map {
            String($0.output.1)
        }
        #expect(posters.count == 3)
        for poster in posters {
            let size = try FFmpeg.rgb(of: folder.path("report/\(poster)")).count
            #expect([64 * 48 * 3, 128 * 48 * 3].contains(size))
        }
    }

    /// Metrics of the first two prompts of `ranks`, by inputs as they are written there.
    private func metrics(_ ranks: String, named name: String = "clipscore") throws -> String {
        let values = [3.0, 1, 5, 4]
        let inputs = try folder.text("ranks.jsonl").split(separator: "\n").prefix(4).map {
            try JSONValue(parsing: $0)["input"] ?? .null
        }
        let prompts = ["a red fox", Self.hostile]
        let rows = zip(inputs, values).enumerated().map { index, pair in
            row(
                ("input", pair.0), ("prompt", .string(prompts[index / 2])),
                ("metrics", .object([.init(name, .number(pair.1))])))
        }
        return try folder.write(rows.joined(), to: "rows.jsonl")
    }

    @Test func `metrics stand beside scores, and those of the best k in a chart`() throws {
        let ranks = try ranks()
        let run = try CommandRun.ganrm([
            "report", ranks, "--metrics", try metrics(ranks), "-o", folder.path("page.html"),
        ])
        #expect(run.status == 0, "\(run.messages)")
        #expect(
            run.messages.hasPrefix(
                """
                ganrm: 1 candidate could not be scored: left out
                ganrm: 1 candidate with a score and with metrics of another prompt only: left out

                """), "\(run.messages)")
        let page = try folder.text("page.html")
        let data = try #require(page.firstMatch(of: /id="data">(.*?)<\/script>/)).output.1
        let prompts = try #require(try JSONValue(parsing: data)["prompts"]?.arrayValue)
        let values = prompts.map { prompt in
            prompt["candidates"]?.arrayValue?.map { $0["metrics"]?["clipscore"]?.doubleValue }
        }
        #expect(values == [[3, 1], [4, 5], [nil, nil]])
        // Best 3 and 4, worst 1 and 5, all 2 and 4.5.
        #expect(
            page.contains(
                """
                aria-label="Mean clipscore of the best and worst k candidates: for k = 1 best 3.5, worst 3, \
                for k = 2 best 3.25, worst 3.25; all 3.25; gain for k = 1: 0.25 (\u{2212}0.5 to 1); \
                Spearman 0 within prompts"
                """))
        #expect(page.contains("<polygon class=\"band\"") && page.contains("Means over 2 prompts"))
        #expect(page.contains("1 prompt with fewer than 2 candidates"))
        _ = try CommandRun.ganrm(["report", ranks, "-o", folder.path("bare.html")])
        #expect(try !folder.text("bare.html").contains("best k"))
    }

    @Test func `names of metrics are text, and rows of other candidates are refused`() throws {
        let ranks = try ranks()
        let page = folder.path("page.html")
        let hostile = try metrics(ranks, named: Self.hostile)
        #expect(
            try CommandRun.ganrm(["report", ranks, "--metrics", hostile, "-o", page]).status == 0)
        #expect(try folder.text("page.html").components(separatedBy: "</script>").count == 3)
        let other = try folder.write(
            row(("input", .string("other.png")), ("metrics", .object([.init("x", .number(1))]))),
            to: "other.jsonl")
        let run = try CommandRun.ganrm(["report", ranks, "--metrics", other, "-o", page])
        #expect(run.status == 3 && run.messages.contains("compared as they are written"))
        #expect(
            try CommandRun.ganrm(["report", "-", "--metrics", "-", "-o", page]).status == 2)
    }

    @Test(.enabled(if: Browser.program != nil, "needs /usr/bin/chromium: apt-get install chromium"))
    func `a browser shows the metrics and the charts within the width of the page`() throws {
        let ranks = try ranks()
        let run = try CommandRun.ganrm([
            "report", ranks, "--metrics", try metrics(ranks), "-o", folder.path("report"),
        ])
        #expect(run.status == 0, "\(run.messages)")
        let browser = try Browser()
        try browser.open(folder.path("report/index.html"))
        try browser.wait("document.querySelectorAll('.candidate .metrics').length === 4")
        #expect(
            try browser.value("document.querySelector('.candidate .metrics').textContent")
                == .string("clipscore 3"))
        #expect(
            try browser.value(
                """
                [...document.querySelectorAll('polygon.band, polyline.curve')].every(shape => {
                  const box = shape.getBBox();
                  return box.x >= 54 && box.x + box.width <= 350 && box.y >= 8 && box.y + box.height <= 230;
                }) && document.documentElement.scrollWidth <= innerWidth
                """) == .bool(true))
        #expect(browser.complaints.isEmpty, "\(browser.complaints)")
    }

    @Test func `invalid rows are refused with their line`() throws {
        for (text, message) in [
            ("{}\n", ":1: no key \"group\" or \"prompt\"; is it a file of ganrm rank?"),
            (
                "{\"prompt\":\"p\",\"input\":\"a\",\"logit\":1}\n{\"prompt\":\"p\",\"input\":\"a\",\"logit\":1}",
                ":2: 'a' comes twice in 'p'; is it a file of ganrm rank?"
            ),
        ] {
            let file = try folder.write(text, to: "bad.jsonl")
            let run = try CommandRun.ganrm(["report", file, "-o", folder.path("bad.html")])
            #expect(run.status == 3)
            #expect(run.messages == "ganrm: \(file)\(message)\n")
        }
        let run = try CommandRun.ganrm(["report", "x", "-o", "x.html", "--files", "copy"])
        #expect(run.status == 2)
    }

    @Test(.enabled(if: Browser.program != nil, "needs /usr/bin/chromium: apt-get install chromium"))
    func `prompts can be searched, sorted and played by mouse and keyboard`() throws {
        let run = try CommandRun.ganrm(["report", try ranks(), "-o", folder.path("report")])
        #expect(run.status == 0, "\(run.messages)")
        let browser = try Browser()
        try browser.open(folder.path("report/index.html"))
        try browser.wait("document.querySelectorAll('.prompt h2').length === 3")
        func titles() throws -> [String?]? {
            try browser.value(
                "[...document.querySelectorAll('.prompt h2')].map(h => h.textContent)"
            )
            .arrayValue?.map(\.stringValue)
        }
        #expect(try titles() == ["a red fox", Self.hostile, "a blue bird"])
        // The style sheet leaves the sizes of charts alone.
        #expect(
            try browser.value(
                """
                document.querySelector('details').open = true,
                [...document.querySelectorAll('svg rect')].every(rect => {
                  const box = rect.getBBox();
                  return Math.abs(rect.getAttribute('width') - box.width) < 0.01 && box.x + box.width <= 360;
                })
                """) == .bool(true))

        // The first cell is the right half: the video is twice as wide as its box and moved left by
        // one box width.
        try browser.wait("document.querySelector('video').readyState >= 2")
        #expect(
            try browser.value(
                """
                (() => { const v = document.querySelector('video'), b = v.parentElement;
                  return [v.videoWidth, Math.round(100 * v.offsetWidth / b.offsetWidth),
                    Math.round(100 * v.offsetLeft / b.offsetWidth)]; })()
                """
            ).arrayValue == [.integer(128), .integer(200), .integer(-100)])

        // Space plays and pauses both videos of the focused prompt in sync.
        try browser.value("tools.elements.play.value = 'hand'")
        try browser.value("tools.elements.play.dispatchEvent(new Event('change', {bubbles: true}))")
        try browser.press("j")
        try browser.press("j")
        #expect(try browser.value("document.activeElement.prompt.index") == .integer(1))
        try browser.press(" ")
        let videos = "[...document.activeElement.querySelectorAll('video')]"
        try browser.wait("\(videos).every(v => v.currentTime > 0.3)")
        #expect(
            try browser.value("Math.abs(\(videos)[0].currentTime - \(videos)[1].currentTime) < 0.5")
                == .bool(true))
        // Playback loops: the longer video lasts 3 s.
        try browser.wait("\(videos)[1].currentTime > 2.5")
        try browser.wait("\(videos).every(v => v.currentTime < 1 && !v.paused)")
        try browser.press(" ")
        try browser.wait("\(videos).every(v => v.paused)")
        try browser.press("k")
        #expect(try browser.value("document.activeElement.prompt.index") == .integer(0))

        // Sort by range: 1, 4 and none.
        try browser.value("tools.elements.order.value = 'widest'")
        try browser.value("tools.elements.order.dispatchEvent(new Event('input', {bubbles: true}))")
        try browser.wait("document.querySelectorAll('.prompt h2').length === 3")
        #expect(try titles() == [Self.hostile, "a red fox", "a blue bird"])

        try browser.press("/")
        try browser.type("BLUE bird")
        try browser.wait("document.querySelectorAll('.prompt h2').length === 1")
        #expect(try titles() == ["a blue bird"])
        #expect(
            try browser.value("document.getElementById('count').textContent")
                == .string("1 of 3 prompts"))
        #expect(
            try browser.value("document.querySelector('.candidate .problem').textContent")
                == .string("<i>'gone.mp4'</i> is gone"))
        try browser.press("Escape")
        try browser.click("button[type=reset]")
        try browser.wait("document.querySelectorAll('.prompt h2').length === 3")
        try browser.press("?")
        try browser.wait("document.getElementById('help').open")
        #expect(browser.complaints.isEmpty, "\(browser.complaints)")
    }

    @Test(.enabled(if: Browser.program != nil, "needs /usr/bin/chromium: apt-get install chromium"))
    func `only prompts near the viewport have content`() throws {
        let clip = try media.video("a.mp4")
        let rows = (0..<1000).flatMap { prompt in
            (0..<10).map { candidate in
                row(
                    ("group", .string("\(prompt)")), ("prompt", .string("prompt \(prompt)")),
                    ("input", .string("\(clip)#xywh=\(candidate),0,48,48")),
                    ("logit", .number(Double(candidate))))
            }
        }
        let ranks = try folder.write(rows.joined(), to: "many.jsonl")
        let run = try CommandRun.ganrm(["report", ranks, "-o", folder.path("many")])
        #expect(run.status == 0, "\(run.messages)")
        let browser = try Browser()
        try browser.open(folder.path("many/index.html"))
        try browser.wait("document.querySelectorAll('video[src]').length > 0")
        func check() throws {
            // Prompts within three viewport heights, ten candidates each, and media within less
            // than two.
            let counts = try browser.value(
                "[document.querySelectorAll('.prompt h2').length, document.querySelectorAll('video[src]').length]"
            ).arrayValue?.compactMap(\.integerValue)
            #expect((counts?[0] ?? 0) <= 16 && (counts?[1] ?? 0) <= 60, "\(counts ?? [])")
        }
        try check()
        #expect(
            try browser.value("document.querySelectorAll('li.prompt').length") == .integer(1000))
        // The end of the page moves while prompts above it are filled.
        try browser.wait(
            """
            document.querySelectorAll('li:last-child video[src]').length === 10
              || scrollTo(0, document.body.scrollHeight)
            """)
        try browser.wait("document.querySelector('li:last-child h2')?.textContent === 'prompt 999'")
        try check()
        #expect(browser.complaints.isEmpty, "\(browser.complaints)")
    }
}
