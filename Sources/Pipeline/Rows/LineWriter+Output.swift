public import Files
import Foundation

extension LineWriter {
    /// Writes to the output that the user gave.
    ///
    /// - Parameters:
    ///   - output: A file; nil and `-` are standard output.
    ///   - overwrites: Whether to write to a file that is not empty.
    ///   - offset: Length in bytes to which the file is truncated first.
    /// - Throws: `GANRMError.outputExists`, `.file`.
    public convenience init(
        output: String?, overwrites: Bool, offset: Int = 0
    ) throws(GANRMError) {
        guard let output, output != "-" else {
            self.init()
            return
        }
        if !overwrites, Self.holdsResults(output) { throw .outputExists(path: output) }
        do throws(FileError) {
            try self.init(path: output, offset: offset)
        } catch {
            throw .file(error)
        }
    }

    /// Whether the path is a regular file that is not empty.
    private static func holdsResults(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG && status.st_size > 0
    }
}
