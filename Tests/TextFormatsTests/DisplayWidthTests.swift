import Testing
import TextFormats

@Suite struct DisplayWidthTests {
    /// The expected values are the sums of `wcwidth.wcwidth` of Python's wcwidth 0.9.4.
    @Test(arguments: [
        ("clip.mp4", 8), ("猫の動画.mp4", 12), ("한국어.mp4", 10), ("e\u{301}te\u{301}.png", 7),
        ("🐈.gif", 6), ("ｆｕｌｌ", 8), ("…·█", 3), ("👩\u{200d}🚀", 4), ("ก็", 1),
        ("\u{1112}\u{1161}\u{11ab}", 2), ("Ａ①─", 4), ("", 0),
    ])
    func `columns are those of wcwidth`(text: String, width: Int) {
        #expect(text.displayWidth == width)
    }

    @Test(arguments: [
        ("candidates/0001.mp4", 19, "candidates/0001.mp4"),
        ("candidates/0001.mp4", 12, "candi…01.mp4"),
        ("猫の動画/0001.mp4", 12, "猫の…01.mp4"),
        ("猫の動画/0001.mp4", 11, "猫の…1.mp4"),
        ("猫猫猫猫", 4, "…猫"),
        ("long", 1, "…"), ("long", 0, ""),
    ])
    func `a long text is shortened in its middle`(text: String, width: Int, expected: String) {
        #expect(text.shortened(toWidth: width) == expected)
        #expect(expected.displayWidth <= width)
    }

    @Test func `a shortened text is never too wide`() {
        let text = "猫a\u{301}🐈/é한x.mp4"
        for width in 0...20 { #expect(text.shortened(toWidth: width).displayWidth <= width) }
    }
}
