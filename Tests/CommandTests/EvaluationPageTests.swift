import Foundation
import Testing
import TestSupport

/// The HTML page of `ganrm eval --format html`, also in a browser if one is installed.
@Suite struct EvaluationPageTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// A page with labels and ratings of two videos, an image and a missing file.
    private func page(extra: String = "") throws -> String {
        let media = try TestMedia()
        let inputs = [
            try media.video("a.mp4", size: "320x180"), try media.noise("b.mp4", seed: 1),
            try media.folder.make("c.png", source: "testsrc2=s=64x48", "-frames:v 1"), "gone.mp4",
        ]
        let rows = inputs.enumerated().map { index, input in
            "{\"input\":\"\(input)\",\"logit\":\([2, -1, 1.5, -2][index]),\"label\":\(index % 2)}\n"
        }
        let pairs = try folder.write(
            "{\"winner\":\"\(inputs[1])\",\"loser\":\"\(inputs[0])\"}\n", to: "pairs.jsonl")
        let ratings = try folder.write(
            "input,rating\n\(inputs[0]),1\n\(inputs[1]),2\n", to: "ratings.csv")
        let run = try CommandRun.ganrm(
            ["eval", "--scores", "-", "--pairs", pairs, "--ratings", ratings, "--format", "html"],
            input: Data((rows.joined() + extra).utf8))
        try #require(run.status == 0, "\(run.messages)")
        return run.output
    }

    @Test func `a page embeds its clips and loads nothing`() throws {
        let page = try page()
        #expect(page.contains("<video") && page.contains("src=\"data:video/webm;base64,"))
        #expect(page.contains("<img") && page.contains("src=\"data:image/jpeg;base64,"))
        #expect(page.contains("no thumbnail"))
        #expect(page.contains("<br>no thumbnail can be made: &#39;gone.mp4&#39; is no file"))
        for heading in ["ROC", "Logits", "Reliability", "Pairs", "Ratings"] {
            #expect(page.contains("<h3>\(heading)</h3><svg "))
        }
        let sources = page.matches(of: /(?:src|href|poster|action)="([^"]{0,5})/).map(\.output.1)
        #expect(!sources.isEmpty && sources.allSatisfy { $0 == "data:" })
        #expect(!page.contains("<script") && !page.contains("@import") && !page.contains("url("))
    }

    /// Logits and ratings are numbers of other programs, up to 1e38.
    @Test(
        arguments: [
            (1e38, -1e38), (1e38, 1e38), (1e-320, 0), (1e16, 1e16 + 2),
            (9_007_199_254_740_993, 9_007_199_254_740_995), (-0.0, 0), (1e7, -3),
        ] as [(Double, Double)])
    func `charts show any finite number`(first: Double, second: Double) throws {
        let rows = [first, second, first, second].enumerated().map { index, logit in
            #"{"input":"\#(index)","logit":\#(logit),"label":\#(index % 2)}"#
        }
        let pairs = try folder.write(#"{"winner":"0","loser":"1"}"#, to: "pairs.jsonl")
        let ratings = try folder.write("input,rating\n0,\(first)\n1,\(second)\n", to: "ratings.csv")
        let run = try CommandRun.ganrm(
            [
                "eval", "--scores", "-", "--pairs", pairs, "--ratings", ratings, "--format", "html",
                "--resamples", "10",
            ], input: Data(rows.joined(separator: "\n").utf8))
        #expect(run.status == 0, "\(run.messages)")
        #expect(run.output.matches(of: #/<text /#).count < 200)
        for chart in run.output.matches(of: #/<svg.*?</svg>/#) {
            #expect(!chart.output.contains(#/[ "](nan|-?inf)["<, ]/#))
        }
    }

    @Test func `metrics and missing intervals are explained`() throws {
        let page = try page()
        // One pair is one group, which cannot be resampled.
        #expect(page.contains("<td>none</td>"))
        #expect(page.contains("there are fewer than two groups"))
        for term in ["AUC", "log loss", "right order", "Spearman, Kendall"] {
            #expect(page.contains("<dt>\(term)</dt><dd>"))
        }
    }

    @Test func `names are escaped`() throws {
        let page = try page(
            extra: #"{"input":"\"><script>alert(1)</script>&'\u0000","logit":9,"label":0,"#
                + #""group":"<b>"}"# + "\n")
        #expect(!page.contains("<script") && !page.contains("<b>"))
        #expect(
            page.contains(
                "title=\"&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;&amp;&#39;\u{fffd}\""))
        #expect(page.contains("generated, &lt;b&gt;"))
    }

    /// Takes a screenshot of a page and returns its pixels and the console messages.
    private func render(
        _ page: String, size: String, options: [String] = []
    ) throws -> (pixels: [UInt8], warnings: [Substring]) {
        let file = try folder.write(page, to: "page.html")
        let screenshot = folder.path("page.png")
        let run = try CommandRun(
            URL(fileURLWithPath: try #require(Browser.program)),
            [
                "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
                "--no-first-run", "--enable-logging=stderr", "--window-size=\(size)",
                "--user-data-dir=\(folder.path("profile"))", "--screenshot=\(screenshot)",
            ] + options + ["file://\(file)"])
        try #require(run.status == 0, "\(run.messages)")
        return (
            try FFmpeg.rgb(of: screenshot),
            run.messages.split(separator: "\n").filter { $0.contains(":CONSOLE:") }
        )
    }

    private func colourCount(_ pixels: [UInt8]) -> Int {
        Set(stride(from: 0, to: pixels.count, by: 3).map { Array(pixels[$0..<$0 + 3]) }).count
    }

    @Test(.enabled(if: Browser.program != nil, "needs /usr/bin/chromium: apt-get install chromium"))
    func `a browser renders the page in light and dark without warnings`() throws {
        let page = try page()
        let bare = page.replacing(/(src|poster)="data:[^"]*"/, with: "")
        for (size, options, isLight) in [
            ("1200,1600", [], true), ("390,3600", [], true),
            ("1200,1600", ["--blink-settings=preferredColorScheme=0"], false),
        ] {
            let (pixels, warnings) = try render(page, size: size, options: options)
            #expect(warnings.isEmpty, "\(warnings)")
            #expect(pixels[0..<3].allSatisfy { $0 > 200 } == isLight)
            // Text and charts have some hundred colours, frames of videos thousands.
            let barePixels = try render(bare, size: size, options: options).pixels
            #expect(colourCount(barePixels) > 50)
            #expect(colourCount(pixels) > 2 * colourCount(barePixels), "\(size) \(options)")
        }
        // The content security policy forbids requests, and a violation gives a warning.
        let asking = page.replacing(
            "<body>", with: "<body><img src=\"http://127.0.0.1:9/picture.png\">")
        #expect(try render(asking, size: "400,400").warnings.count == 1)
    }
}
