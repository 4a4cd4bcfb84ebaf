public import Files

extension LineWriter {
    /// Opens and locks the output that the user gave.
    ///
    /// - Parameters:
    ///   - output: A file; nil and `-` are standard output.
    ///   - overwrites: Whether to write to a file that is not empty.
    ///   - isResumable: Whether an incomplete file is of use, see `LineWriter.init(path:)`.
    /// - Throws: `PipelineError.outputExists`; `.file`, also if another process writes the file.
    public convenience init(
        output: String?, overwrites: Bool, isResumable: Bool = false
    ) throws(PipelineError) {
        guard let output, output != "-" else {
            self.init()
            return
        }
        do throws(FileError) {
            try self.init(path: output, isResumable: isResumable)
        } catch {
            throw .file(error)
        }
        if !overwrites, byteCount > 0 { throw .outputExists(path: output) }
    }
}
