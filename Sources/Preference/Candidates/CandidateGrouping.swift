import Files
import Frames
public import Media
public import TextFormats

/// Turns user-supplied inputs into candidates, grouped by prompt.
public struct CandidateGrouping: Sendable, Hashable {
    /// How files are assigned to groups.
    public enum Rule: String, Sendable, Hashable, CaseIterable {
        /// Files in subfolders of a named folder by subfolder, all others by name.
        case auto
        /// Files of one folder are candidates of one prompt.
        case folder
        /// By `pattern`: `0007_0.mp4`, `0007_1.mp4`, or the naming schemes of known generators.
        case name
        /// Files of one name in several folders: `seed0/0007.mp4`, `seed1/0007.mp4`.
        case file
    }

    public var rule: Rule
    /// Pattern that has to match the whole file name, without its extension.
    public var pattern: NamePattern
    public var prompts: PromptList?
    /// How the candidates in one file are tiled. Nil treats each file as one candidate.
    public var grid: CandidateGrid?
    /// How grid files are opened.
    public var mediaOptions: MediaOptions

    public init(
        rule: Rule = .auto, pattern: NamePattern = .usual, prompts: PromptList? = nil,
        grid: CandidateGrid? = nil, mediaOptions: MediaOptions = .init()
    ) {
        self.rule = rule
        self.pattern = pattern
        self.prompts = prompts
        self.grid = grid
        self.mediaOptions = mediaOptions
    }

    /// Reads manifests and folders.
    ///
    /// - Parameter inputs: Folders, files, globs; `.jsonl` and `.csv` files and `-` are manifests
    ///   (`CandidateManifest`).
    /// - Throws: `PreferenceError`; an error in a single line or file is added to the list's failures.
    public func candidates(in inputs: [String]) throws(PreferenceError) -> CandidateList {
        let matcher = NamePattern.Matcher(pattern)
        var list = CandidateList()
        let expanded = inputs.map { Self.isManifest($0) ? [] : Self.files(of: $0) }
        let samples = SampleFiles(expanded.joined().compactMap { try? $0.get().input })
        for (input, files) in zip(inputs, expanded) {
            if Self.isManifest(input) {
                var manifest = CandidateManifest(into: list) { match($0, by: matcher) }
                list = CandidateList()
                try manifest.read(input)
                list = manifest.list
                continue
            }
            let root = input.hasByteSuffix("/") ? input : input + "/"
            for file in files {
                switch file {
                case .failure(let error): list.fail(error.description)
                case .success(let file):
                    let path = file.input
                    if samples.isSecondary(path) { continue }
                    if !file.annotations.isEmpty {
                        // As a line of a manifest has it.
                        var manifest = CandidateManifest(into: list) { self.match($0, by: matcher) }
                        list = CandidateList()
                        manifest.add(
                            .object([.init("input", .string(path))] + file.annotations),
                            location: path)
                        list = manifest.list
                        continue
                    }
                    // Folders in an archive are no subfolders of the named one.
                    let isBelow =
                        path.hasBytePrefix(root) && TarMember.file(of: path) == path
                        && path.utf8.dropFirst(root.utf8.count).contains(UInt8(ascii: "/"))
                    let match = match(path, below: isBelow ? root : nil, by: matcher)
                    list.add(
                        Candidate(input: path), to: match.group, prompt: match.prompt,
                        number: match.number)
                }
            }
        }
        return try finished(list)
    }

    /// Groups rows supplied by the caller, in the format of a manifest.
    ///
    /// - Parameter body: Passes each row to the function that it receives.
    /// - Throws: `PreferenceError`, and errors of `body`.
    public func candidates(
        reading body: ((JSONValue) -> Void) throws -> Void
    ) throws -> CandidateList {
        let matcher = NamePattern.Matcher(pattern)
        var manifest = CandidateManifest(into: CandidateList()) { match($0, by: matcher) }
        try body { manifest.add($0, location: "a row") }
        return try finished(manifest.list)
    }

    /// Splits grids and assigns prompts to groups.
    private func finished(_ list: CandidateList) throws(PreferenceError) -> CandidateList {
        var list = list
        if let grid { list.expand(grid, options: mediaOptions) }
        if let prompts { try list.fill(from: prompts) }
        return list
    }

    /// The files of an argument; members of tar archives with what their siblings say of them.
    private static func files(of input: String) -> [Result<TarSamples.Sample, MediaError>] {
        InputExpander.files(of: input).flatMap { file -> [Result<TarSamples.Sample, MediaError>] in
            switch file {
            case .archive(let path, let region): InputExpander.members(of: path, region)
            case .input(let source):
                [.success(.init(input: source.description, annotations: [], failure: nil))]
            case .failure(let error): [.failure(error)]
            }
        }
    }

    private static func isManifest(_ input: String) -> Bool {
        input == "-" || [".jsonl", ".csv"].contains { input.lowercased().hasByteSuffix($0) }
    }

    /// The group of a file.
    ///
    /// - Parameter root: The named folder, if the file is in one of its subfolders.
    private func match(
        _ path: String, below root: String? = nil, by matcher: NamePattern.Matcher
    ) -> NamePattern.Match {
        // Of a member its path in the archive: candidates of a prompt may be in several archives.
        let file = FrameRegion.split(path).base
        let inner = TarMember.innerPath(of: file)
        // `tar -C folder .` writes names that begin with a dot.
        let isDotted = inner.utf8.count < file.utf8.count && inner.hasBytePrefix("./")
        let base = isDotted ? String(Substring(inner.utf8.dropFirst(2))) : inner
        let name = PathName.last(of: base)
        let stem = PathName.split(name).stem
        let folder = base.utf8.dropLast(name.utf8.count)
        let below = folder.dropFirst(root?.utf8.count ?? 0)
        let trimmed = below.last == UInt8(ascii: "/") ? below.dropLast() : below
        let folderGroup = trimmed.isEmpty ? "." : String(Substring(trimmed))
        switch rule {
        case .auto where root != nil && pattern == .usual && grid == nil, .folder:
            return NamePattern.Match(group: folderGroup)
        case .file:
            return NamePattern.Match(group: SampleFiles.sampleName(stem, of: base))
        case .auto, .name:
            // A grid holds all candidates of its prompt.
            if grid != nil && pattern == .usual { return NamePattern.Match(group: stem) }
            let sample = SampleFiles.sampleName(stem, of: base)
            return matcher.match(sample, folder: folderGroup) ?? NamePattern.Match(group: sample)
        }
    }
}
