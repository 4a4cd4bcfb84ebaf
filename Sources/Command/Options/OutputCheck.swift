import Files
import Glibc
import Media
import Pipeline

/// A command that reads files and writes one or more, which must not be among them.
protocol WritesOutput {
    /// The file to write; nil and `-` are standard output.
    var outputFile: String? { get }
    /// All files to write; by default, `outputFile` only.
    var outputFiles: [String] { get }
    var readFiles: ReadFiles { get }
}

/// What a command reads.
struct ReadFiles {
    /// Files that are named by options.
    var files: [String?] = []
    /// Arguments that are expanded to media: files, folders, patterns.
    var inputs: [String] = []
    /// A list of inputs.
    var list: String?
    /// Sides of a training or an evaluation: inputs, or one list.
    var sides: [[String]] = []

    static func + (left: ReadFiles, right: ReadFiles) -> ReadFiles {
        ReadFiles(
            files: left.files + right.files, inputs: left.inputs + right.inputs,
            list: left.list ?? right.list, sides: left.sides + right.sides)
    }
}

extension WritesOutput {
    var outputFiles: [String] { [outputFile].compactMap(\.self) }

    /// Refuses an output that is also read, by whatever path: it would be empty before it is read,
    /// or lost afterwards.
    ///
    /// Only an output that exists is compared, so that most runs list no folder twice.
    func checkOutput() throws {
        let outputs = outputFiles.filter { $0 != "-" && FileSystem.byteCount($0) != nil }
        guard !outputs.isEmpty else { return }
        let read = readFiles
        for file in read.files.compactMap(\.self) + [read.list].compactMap(\.self) {
            try refuse(outputs, ifReadAs: file)
        }
        var sources = try read.sides.map { side throws(PipelineError) in
            try RequestSource(side: side)
        }
        sources.append(
            try RequestSource(inputs: read.inputs, list: read.list == "-" ? nil : read.list))
        for source in sources {
            while let request = source.next() {
                try refuse(outputs, ifReadAs: TarMember.file(of: request.input))
            }
        }
    }

    private func refuse(_ outputs: [String], ifReadAs path: String) throws {
        guard outputs.contains(where: { FileSystem.isSameFile($0, path) }) else { return }
        Terminal.printMessage(
            "ganrm: '\(path)' is to be read and to be written; name another output", isError: true)
        throw ExitStatus.usage
    }
}
