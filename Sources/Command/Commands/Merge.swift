import ArgumentParser
import Files
import Pipeline

struct Merge: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Merge the outputs of ganrm score --shard I/N.",
        discussion: """
            Rows are in the order of the inputs, as a single run would have written them. Missing or \
            repeated inputs, unfinished parts and parts of different models are refused.
            """)

    @Argument(help: "The outputs of all shards, in any order.", completion: .rows)
    var parts: [String]

    @Option(
        name: .shortAndLong, help: "Write rows to a file instead of standard output.",
        completion: .paths)
    var output: String?

    func run() throws {
        let signals = SignalHandling(leavingWith: "interrupted")
        defer { withExtendedLifetime(signals) {} }
        // All parts are checked before the first line is written.
        let writer = try LineWriter(output: output, overwrites: true)
        let merge = try ShardMerge(parts)
        try writer.begin()
        try merge.forEachLine { try writer.write($0) }
        try writer.finish()
    }
}

extension Merge: WritesOutput {
    var outputFile: String? { output }

    var readFiles: ReadFiles {
        ReadFiles(files: parts)
    }
}
