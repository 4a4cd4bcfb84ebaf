import Testing
import TextFormats

@Suite struct DisplayTextTests {
    @Test(arguments: [
        ("a b.png", "a b.png"), ("é 🎬 שלום.png", "é 🎬 שלום.png"),
        ("a\u{1b}[2Jb", #"a\u001b[2Jb"#), ("a\nganrm: fine", #"a\nganrm: fine"#),
        ("a\r\nb", #"a\r\nb"#), ("a\tb", #"a\tb"#), ("\u{7f}\u{9b}31m", #"\u007f\u009b31m"#),
        ("a\u{2028}b\u{202e}gnp.exe\u{2069}", #"a\u2028b\u202egnp.exe\u2069"#),
    ])
    func `a text is shown as one line without commands`(text: String, expected: String) {
        #expect(DisplayText.line(text) == expected)
    }

    @Test func `a block keeps its lines`() {
        #expect(DisplayText.block("a\n\tb\r\u{1b}c") == "a\n\tb" + #"\r\u001bc"#)
    }

    @Test func `fields of a table stay in their line`() {
        #expect(
            TextTable.text([["name", "count"], ["a\nb", "1"]], numbers: 1...1) == #"""
                name  count
                a\nb      1
                """#)
    }

    @Test func `C1 control characters are escaped in JSON`() {
        #expect(JSONValue.string("a\u{9b}b").description == #""a\u009bb""#)
    }
}
