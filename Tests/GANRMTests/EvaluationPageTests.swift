import Foundation
import GANRM
import TestSupport
import Testing

/// The page of `ganrm eval --format html`, in a browser where there is one.
@Suite struct EvaluationPageTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// Scores of two videos, a picture and a file that is gone, labelled and rated.
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

    @Test func `a page holds its clips and asks for nothing else`() throws {
        let page = try page()
        #expect(page.contains("<video") && page.contains("src=\"data:video/webm;base64,"))
        #expect(page.contains("<img") && page.contains("src=\"data:image/jpeg;base64,"))
        #expect(page.contains("no thumbnail"))
        for heading in ["ROC", "Logits", "Reliability", "Pairs", "Ratings"] {
            #expect(page.contains("<h3>\(heading)</h3><svg "))
        }
        let sources = page.matches(of: /(?:src|href|poster|action)="([^"]{0,5})/).map(\.output.1)
        #expect(!sources.isEmpty && sources.allSatisfy { $0 == "data:" })
        #expect(!page.contains("<script") && !page.contains("@import") && !page.contains("url("))
    }

    @Test func `a name stays a name`() throws {
        let page = try page(
            extra: #"{"input":"\"><script>alert(1)</script>&'\u0000","logit":9,"label":0,"#
                + #""group":"<b>"}"# + "\n")
        #expect(!page.contains("<script") && !page.contains("<b>"))
        #expect(
            page.contains(
                "title=\"&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;&amp;&#39;\u{fffd}\""))
        #expect(page.contains("generated, &lt;b&gt;"))
    }

    private static let browser = ["/usr/bin/chromium", "/usr/bin/google-chrome"].first {
        FileManager.default.isExecutableFile(atPath: $0)
    }

    /// A picture of a page, and what the browser complained about.
    private func look(
        _ page: String, size: String, options: [String] = []
    ) throws -> (pixels: [UInt8], complaints: [Substring]) {
        let file = try folder.write(page, to: "page.html")
        let picture = folder.path("page.png")
        let run = try CommandRun(
            URL(fileURLWithPath: try #require(Self.browser)),
            [
                "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
                "--no-first-run", "--enable-logging=stderr", "--window-size=\(size)",
                "--user-data-dir=\(folder.path("profile"))", "--screenshot=\(picture)",
            ] + options + ["file://\(file)"])
        try #require(run.status == 0, "\(run.messages)")
        return (
            try FFmpeg.rgb(of: picture),
            run.messages.split(separator: "\n").filter { $0.contains(":CONSOLE:") }
        )
    }

    private func colourCount(_ pixels: [UInt8]) -> Int {
        Set(stride(from: 0, to: pixels.count, by: 3).map { Array(pixels[$0..<$0 + 3]) }).count
    }

    @Test(.enabled(if: browser != nil, "needs /usr/bin/chromium: apt-get install chromium"))
    func `a browser shows the page in light and dark without a complaint`() throws {
        let page = try page()
        let bare = page.replacing(/src="data:[^"]*"/, with: "")
        for (size, options, isLight) in [
            ("1200,1600", [], true), ("390,3600", [], true),
            ("1200,1600", ["--blink-settings=preferredColorScheme=0"], false),
        ] {
            let (pixels, complaints) = try look(page, size: size, options: options)
            #expect(complaints.isEmpty, "\(complaints)")
            #expect(pixels[0..<3].allSatisfy { $0 > 200 } == isLight)
            // Text and charts have some hundred shades, frames of videos thousands.
            let without = try look(bare, size: size, options: options).pixels
            #expect(colourCount(without) > 50)
            #expect(colourCount(pixels) > 2 * colourCount(without), "\(size) \(options)")
        }
        // The page's own policy forbids requests, and a browser complains of one. That it would:
        let asking = page.replacing(
            "<body>", with: "<body><img src=\"http://127.0.0.1:9/picture.png\">")
        #expect(try look(asking, size: "400,400").complaints.count == 1)
    }
}
