import ArgumentParser
import Files
import Pipeline
import Scoring

/// Options for a file of rows that an interrupted run can be resumed from.
struct RowOutputOptions: ParsableArguments {
    @Option(
        name: .shortAndLong, help: "Write rows to a file instead of standard output.",
        completion: .paths)
    var output: String?

    @Flag(help: "Resume an interrupted output file.")
    var resume = false

    @Flag(help: "Replace an existing output file.")
    var overwrite = false

    func validate() throws {
        guard !resume || output != nil else { throw ValidationError("--resume goes with -o FILE") }
        guard !resume || !overwrite else {
            throw ValidationError("--resume keeps the file, --overwrite replaces it; use one")
        }
    }

    /// - Parameter isResumable: Whether each row is written as soon as it is known.
    func writer(isResumable: Bool) throws -> LineWriter {
        try LineWriter(output: output, overwrites: overwrite || resume, isResumable: isResumable)
    }

    /// The rows of an interrupted run; nil without `--resume`.
    ///
    /// - Parameter signature: See `ResumedOutput`.
    func resumed(expecting signature: (ScoreRow) -> String) throws -> ResumedOutput? {
        resume ? try output.map { try ResumedOutput(path: $0, expecting: signature) } : nil
    }

    /// How an interrupted run goes on; nil if it has to start over.
    ///
    /// - Parameter isResumable: Whether the rows written so far are of use.
    func remedy(isResumable: Bool, store: StoreOptions) -> String? {
        guard let output, output != "-", isResumable else { return store.remedy }
        return "to go on with '\(output)', run the same command with --resume"
            + (overwrite ? " instead of --overwrite" : "")
    }
}
