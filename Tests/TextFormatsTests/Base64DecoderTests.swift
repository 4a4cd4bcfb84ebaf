import Foundation
import Testing
import TextFormats

/// Foundation's decoder is the reference.
struct Base64DecoderTests {
    /// The bytes of a text that arrives in pieces of `count` characters; nil if it is not base64.
    private func decode(_ text: String, pieces count: Int) -> [UInt8]? {
        var decoder = Base64Decoder()
        var bytes: [UInt8] = []
        let characters = Array(text.utf8)
        for begin in stride(from: 0, to: characters.count, by: count) {
            characters[begin..<min(begin + count, characters.count)].withUnsafeBytes {
                _ = decoder.decode($0, into: &bytes)
            }
        }
        return decoder.finish(into: &bytes) ? bytes : nil
    }

    @Test func `bytes are those of the reference, whatever the pieces`() {
        var generator = SystemRandomNumberGenerator()
        for count in 0..<200 {
            let bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
            let text = Data(bytes).base64EncodedString(
                options: count % 2 == 0 ? [] : [.lineLength64Characters])
            for size in [1, 3, 4, 64, 1000] { #expect(decode(text, pieces: size) == bytes) }
            #expect(decode(text.filter { $0 != "=" }, pieces: 5) == bytes)
        }
    }

    @Test(arguments: [
        "*", "A", "AAAAA", "AA=", "AAA==", "=", "AA==A", "AA==AA==", "A-_A", "\0\0\0\0",
    ])
    func `other texts are refused`(text: String) {
        #expect(decode(text, pieces: 1) == nil)
        #expect(decode(text, pieces: 100) == nil)
    }
}
