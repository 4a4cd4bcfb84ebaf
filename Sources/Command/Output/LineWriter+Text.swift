import Files
import TextFormats

extension LineWriter {
    /// Writes text for people, of one or several lines, without its control characters.
    func write(text: String) throws { try write(DisplayText.block(text)) }
}
