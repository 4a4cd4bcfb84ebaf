import Testing
import TextFormats

@Suite struct ProgressBarTests {
    private func bar(_ change: (inout ProgressBar) -> Void = { _ in }) -> ProgressBar {
        var bar = ProgressBar()
        bar.label = "proxy"
        bar.done = 250
        bar.total = 1000
        bar.rate = 2.5
        bar.note = "2 failed"
        bar.name = "good/猫の動画/0001.mp4"
        change(&bar)
        return bar
    }

    @Test func `a wide line has label, share, bar, count, rate, time left, failures and name`() {
        #expect(
            bar().line(width: 130) == """
                proxy   25%  [=======>                    ]   250/1000  2.50 inputs/s  5:00 left  2 failed  \
                good/猫の動画/0001.mp4
                """)
    }

    @Test(arguments: 0...140)
    func `a line is never wider than the terminal`(width: Int) {
        for total in [nil, 0, 250, 1000] {
            let line = bar { $0.total = total }.line(width: width)
            #expect(line.displayWidth <= width, "\(line)")
        }
    }

    @Test(arguments: [
        (60, "proxy   25%  [===>         ]   250/1000  5:00 left  2 failed"),
        (56, "proxy   25%  [==>      ]   250/1000  5:00 left  2 failed"),
        (54, "proxy   25%   250/1000  5:00 left  2 failed"),
        (45, "proxy   25%   250/1000  5:00 left  2 failed"),
        (38, "proxy   250/1000  5:00 left  2 failed"),
        (31, " 250/1000  5:00 left  2 failed"),
        (9, " 250…iled"),
    ])
    func `a narrow line leaves out what matters least`(width: Int, expected: String) {
        #expect(bar().line(width: width) == expected)
    }

    @Test func `an unknown total has no bar, and the elapsed time`() {
        let line = bar {
            $0.total = nil
            $0.elapsedSeconds = 3700
            $0.note = ""
        }.line(width: 60)
        #expect(line == "proxy  250  2.50 inputs/s  1:01:40  good/猫の動画/0001.mp4")
    }

    @Test func `bytes have units`() {
        let line = bar {
            $0.unit = .bytes
            $0.label = ""
            $0.name = ""
            $0.note = ""
            $0.done = 88_000_000
            $0.total = 1_210_000_000
            $0.rate = 11_000_000
        }.line(width: 80)
        #expect(
            line
                == "  7%  [==>                         ]  88 MB of 1.21 GB  11 MB/s  1:42 left")
    }

    @Test func `colours do not change the width`() {
        let style = ProgressBar.Style(isColored: true, isUnicode: true)
        let plain = bar().line(width: 100)
        let colored = bar().line(width: 100, style: style)
        let text = colored.replacing(/\u{1b}\[[0-9;]*m/, with: "")
        #expect(colored != text && text.displayWidth == plain.displayWidth)
        #expect(text.contains(String(repeating: "━", count: 10)))
    }

    @Test(arguments: [
        (2.5, "2.50 inputs/s"), (12.34, "12.3 inputs/s"), (9.999, "10.0 inputs/s"),
        (123.4, "123 inputs/s"), (0.5, "2.00 s/input"), (0.004, "250 s/input"), (0, ""),
    ])
    func `rates have three digits`(rate: Double, expected: String) {
        #expect(ProgressBar.rate(rate, of: .items("input")) == expected)
    }

    @Test func `the rate is that of the last minute`() throws {
        var rate = ProgressRate(done: 500, at: 0)
        #expect(rate.perSecond(at: 0) == nil)
        // A thousand from the cache, then one a second.
        for done in 1...1000 { rate.note(done: 500 + done, at: Double(done) / 1000) }
        for second in 2...200 { rate.note(done: 1499 + second, at: Double(second)) }
        #expect(abs(try #require(rate.perSecond(at: 200)) - 1) < 0.01)
        // A slow one, which has taken as long as all of the others.
        #expect(abs(try #require(rate.perSecond(at: 261)) - 0.5) < 0.02)
    }

    /// Batches of four, one every four seconds.
    @Test func `items that are done by batches have a steady rate and time left`() throws {
        var rate = ProgressRate(at: 0)
        for batch in 1...3 {
            for item in 1...4 { rate.note(done: 4 * batch - 4 + item, at: Double(4 * batch)) }
        }
        for seconds in [12, 13, 14, 15, 15.9] {
            #expect(try #require(rate.perSecond(at: seconds)) == 1)
            #expect(rate.idleSeconds(at: seconds) == seconds - 12)
        }
        // The next batch takes twice as long.
        #expect(try #require(rate.perSecond(at: 20)) == 0.75)
        #expect(rate.idleSeconds(at: 20) == 4)
        var bar = ProgressBar()
        (bar.done, bar.total, bar.rate) = (12, 20, 1)
        for (idle, left) in [(0.0, "0:08 left"), (1, "0:07 left"), (3.5, "0:05 left")] {
            bar.idleSeconds = idle
            #expect(bar.line(width: 80).hasSuffix(left))
        }
    }

    @Test func `inputs from the cache at the beginning do not count`() throws {
        var rate = ProgressRate(at: 0)
        for done in 1...1000 { rate.note(done: done, at: Double(done) / 1000) }
        rate.note(done: 1001, at: 4)
        rate.note(done: 1002, at: 7)
        #expect(abs(try #require(rate.perSecond(at: 7)) - 1 / 3) < 1e-9)
        // A pause of a long run is one slow item.
        for step in 1...100 { rate.note(done: 1002 + step, at: 7 + Double(step) / 10) }
        let before = try #require(rate.perSecond(at: 17))
        rate.note(done: 1103, at: 20)
        #expect(try #require(rate.perSecond(at: 20)) > before / 2)
    }
}
