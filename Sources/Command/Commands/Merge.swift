import ArgumentParser
import Files
import Pipeline

struct Merge: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Join the outputs of ganrm score --shard I/N into one.",
        discussion: """
            The rows come in the order of the inputs, as one run would have written them. A missing \
            or repeated input, an unfinished part and parts of different models are refused.
            """)

    @Argument(help: "The shards' outputs, in any order.")
    var parts: [String]

    @Option(name: .shortAndLong, help: "Write rows to a file instead of standard output.")
    var output: String?

    func run() throws {
        // All parts are checked before the first line is written.
        let merge = try ShardMerge(parts)
        let writer = try output.map { try LineWriter(path: $0) } ?? LineWriter()
        try merge.forEachLine { try writer.write($0) }
    }
}
