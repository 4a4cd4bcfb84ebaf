import ArgumentParser
import Files
import Media
import Pipeline
import Preference

/// Options for candidates and their scores, shared by `rank`, `select` and `pairs`.
struct RankingOptions: ParsableArguments {
    @OptionGroup(title: "Candidates") var candidates: CandidateOptions
    @OptionGroup var scoring: ScoringOptions

    @Option(
        help: """
            Rows of ganrm score or rank instead of a model; without other inputs, they are also the \
            candidates.
            """, completion: .rows)
    var scores: String?

    @Option(
        help: """
            Candidates above this percentile of unfamiliar, being unlike the training data, never \
            win; 100: all may win.
            """)
    var maxUnfamiliar = CandidateExclusion().maxUnfamiliar

    @Flag(help: "Let candidates without content win: one colour, noise, a frozen frame.")
    var allowDegenerate = false

    @Option(
        name: .shortAndLong, help: "Write rows to a file instead of standard output.",
        completion: .paths)
    var output: String?

    @Flag(help: "Replace an existing output file or folder.")
    var overwrite = false

    @Flag(name: .shortAndLong, help: "No progress and no messages for failed candidates.")
    var quiet = false

    @OptionGroup var terminal: TerminalOptions

    func validate() throws {
        guard !candidates.inputs.isEmpty || scores != nil else {
            throw ValidationError("no candidates; name folders, files or a manifest")
        }
        let readers = candidates.inputs.filter { $0 == "-" } + [scores].filter { $0 == "-" }
        try OptionRange.check("--max-unfamiliar", maxUnfamiliar, 0...100)
        guard readers.count <= 1, scores != "-" || !candidates.inputs.isEmpty else {
            throw ValidationError("standard input is one list only; write the rows to a file")
        }
    }

    /// Groups, scores and ranks the candidates, and reports failures.
    ///
    /// - Parameter showsRowFailures: Whether failures that have a row are reported.
    /// - Throws: `ExitStatus.interrupted`, since a partial ranking would be misleading.
    func ranking(showsRowFailures: Bool = true) throws -> CandidateRanking {
        let interruption = Interruption()
        let signals = SignalHandling(interruption)
        defer { withExtendedLifetime(signals) {} }

        let grouping = try candidates.candidateGrouping()
        // Loaded before the candidates are split, which takes long.
        let loaded = try scores == nil ? scoring.load(isQuiet: quiet) : nil
        var list: CandidateList
        var known: ScoreTable?
        if let scores, candidates.inputs.isEmpty {
            (list, known) = try grouping.scoredCandidates(in: scores)
        } else {
            list = try grouping.candidates(in: candidates.inputs)
            known = try scores.map { try ScoreTable(path: $0) }
        }
        if let split = candidates.split {
            try list.split(into: split, copy: MediaCopy(crf: candidates.crf)) {
                interruption.isRequested
            }
            if interruption.isRequested { throw scoring.interrupted() }
        }
        let ranking = CandidateRanking(
            list,
            scores: try known
                ?? scoring.score(
                    list.inputs, by: loaded, isQuiet: quiet, interruption: interruption),
            exclusion: CandidateExclusion(
                maxUnfamiliar: maxUnfamiliar, allowsDegenerate: allowDegenerate))
        report(ranking, showsRowFailures: showsRowFailures)
        return ranking
    }

    private func report(_ ranking: CandidateRanking, showsRowFailures: Bool) {
        if !quiet {
            let failures = showsRowFailures ? ranking.failures : ranking.failuresWithoutRow
            for sentence in [ranking.groups.exclusionNotice].compactMap(\.self) + failures {
                Terminal.printMessage("ganrm: \(sentence)")
            }
        }
        if ranking.groups.isEmpty {
            let inputs =
                scores.map { candidates.inputs.isEmpty ? [$0] : candidates.inputs }
                ?? candidates.inputs
            Terminal.printMessage(
                "ganrm: there are no candidates in \(inputs.joined(separator: ", "))")
        }
        if !quiet, Terminal.canRewriteLines, !ranking.groups.isEmpty {
            let compared = ranking.groups.count { $0.comparisonFailure == nil }
            Terminal.printMessage(
                "ganrm: \(compared) of \(ranking.groups.count) prompts have a ranking")
        }
        if ranking.isUngrouped {
            Terminal.printMessage(
                """
                ganrm: every prompt has one candidate; if a file holds several side by side, add \
                --grid N; else say by --pattern or --group-by what belongs together
                """)
        }
    }

    /// Opens and locks the output for rows.
    func writer() throws -> LineWriter {
        try LineWriter(output: output, overwrites: overwrite)
    }

    /// - Throws: `ExitStatus` if a candidate failed or nothing was written.
    func finish(_ ranking: CandidateRanking, written: Int) throws {
        guard !ranking.failures.isEmpty || written == 0 else { return }
        throw written == 0 ? ExitStatus.nothingDone : ExitStatus.someInputsFailed
    }
}

extension RankingOptions {
    var readFiles: ReadFiles {
        ReadFiles(files: [scores, candidates.grouping.prompts], inputs: candidates.inputs)
            + scoring.readFiles
    }
}
