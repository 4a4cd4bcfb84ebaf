public import Files

extension LineWriter {
    /// Writes to the output that the user gave.
    ///
    /// - Parameters:
    ///   - output: A file; nil and `-` are standard output.
    ///   - overwrites: Whether to write to a file that is not empty.
    ///   - offset: Length in bytes to which the file is truncated first.
    /// - Throws: `PipelineError.outputExists`, `.file`.
    public convenience init(
        output: String?, overwrites: Bool, offset: Int = 0
    ) throws(PipelineError) {
        guard let output, output != "-" else {
            self.init()
            return
        }
        // A pipe or terminal has no length.
        if !overwrites, (FileSystem.byteCount(output) ?? 0) > 0 {
            throw .outputExists(path: output)
        }
        do throws(FileError) {
            try self.init(path: output, offset: offset)
        } catch {
            throw .file(error)
        }
    }
}
