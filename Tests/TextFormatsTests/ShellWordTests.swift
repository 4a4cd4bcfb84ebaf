import Testing
import TextFormats

@Suite struct ShellWordTests {
    /// As Python's `shlex.quote` quotes them, but with `'\\''` for a quote, as FFmpeg needs it.
    @Test(arguments: [
        ("clips/a-1.mp4", "clips/a-1.mp4"), ("", "''"), ("a b", "'a b'"), ("$(x)", "'$(x)'"),
        ("it's", "'it'\\''s'"), ("a'\u{301}; x", "'a'\\''\u{301}; x'"),
        ("'\u{20dd}", "''\\''\u{20dd}'"),
    ])
    func `a word is quoted by its bytes`(word: String, expected: String) {
        #expect(ShellWord.quoted(word).hasSameBytes(as: expected))
    }
}
