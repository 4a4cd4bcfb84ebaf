import ArgumentParser
import Evaluation
import Files
import Foundation
import Media
import OrderedCollections
import Pipeline
import Preference
import Scoring
import TextFormats

/// Options for candidates and their scores, shared by `rank`, `select` and `pairs`.
struct RankingOptions: ParsableArguments {
    @OptionGroup(title: "Candidates") var candidates: CandidateOptions
    @OptionGroup var scoring: ScoringOptions

    @Option(
        help: """
            Rows of ganrm score or rank instead of a model; without other inputs they are the \
            candidates too.
            """)
    var scores: String?

    @Option(
        help: """
            Most that a candidate may be unlike the head's training and still win, a percentile; 100: \
            anything may.
            """)
    var maxUnfamiliar = CandidateExclusion().maxUnfamiliar

    @Flag(help: "Let candidates win that show nothing: one colour, noise, a frozen frame.")
    var allowDegenerate = false

    @Option(name: .shortAndLong, help: "Write rows to a file instead of standard output.")
    var output: String?

    @Flag(help: "Replace an output file or folder that exists.")
    var overwrite = false

    @Flag(name: .shortAndLong, help: "No progress and no messages for failed candidates.")
    var quiet = false

    func validate() throws {
        guard !candidates.inputs.isEmpty || scores != nil else {
            throw ValidationError("no candidates; name folders, files or a manifest")
        }
        let readers = candidates.inputs.filter { $0 == "-" } + [scores].filter { $0 == "-" }
        guard (0...100).contains(maxUnfamiliar) else {
            throw ValidationError("--max-unfamiliar is from 0 to 100")
        }
        guard readers.count <= 1, scores != "-" || !candidates.inputs.isEmpty else {
            throw ValidationError("standard input is one list only; write the rows to a file")
        }
    }

    /// Ranked candidates, by prompt.
    struct Ranking {
        let groups: [RankedGroup]
        /// Keys that identify the model and settings of the scores, for the rows.
        let provenance: [JSONValue.Member]
        /// One sentence for each candidate or prompt that could not be ranked.
        let failures: [String]
    }

    /// Groups, scores and ranks the candidates.
    ///
    /// - Throws: `ExitStatus.interrupted`, since a partial ranking would be misleading.
    func ranking() throws -> Ranking {
        let interruption = Interruption()
        let signals = SignalHandling(interruption)
        defer { withExtendedLifetime(signals) {} }

        let grouping = try candidates.grouping()
        var known: ScoreTable?
        var list: CandidateList
        if let scores, candidates.inputs.isEmpty {
            // The rows hold both candidates and scores, and standard input can be read only once.
            list = try grouping.candidates { add in
                known = try ScoreTable(path: scores) { add($0.json) }
            }
        } else {
            list = try grouping.candidates(in: candidates.inputs)
            known = try scores.map { try ScoreTable(path: $0) }
        }
        if let split = candidates.split {
            try list.split(into: split, copy: MediaCopy(crf: candidates.crf)) {
                interruption.isRequested
            }
            try ScoringOptions.stop(if: interruption)
        }
        let table: ScoreTable
        if let known {
            table = known
        } else {
            let inputs = OrderedSet(list.groups.flatMap(\.candidates).map(\.input))
            table = try scoring.score(Array(inputs), isQuiet: quiet, interruption: interruption)
        }
        let exclusion = CandidateExclusion(
            maxUnfamiliar: maxUnfamiliar, allowsDegenerate: allowDegenerate)
        let groups = list.groups.map { group in
            RankedGroup(group, exclusion: exclusion) { table.outcome(of: $0) }
        }
        if !quiet, let notice = groups.exclusionNotice { Terminal.printMessage("ganrm: \(notice)") }
        let failures =
            list.failures
            + groups.flatMap { group in
                group.failed.map(\.reason) + (group.comparisonFailure.map { [$0] } ?? [])
            }
        if !quiet { for failure in failures { Terminal.printMessage("ganrm: \(failure)") } }
        if groups.isEmpty {
            let inputs =
                scores.map { candidates.inputs.isEmpty ? [$0] : candidates.inputs }
                ?? candidates.inputs
            Terminal.printMessage(
                "ganrm: there are no candidates in \(inputs.joined(separator: ", "))")
        }
        if groups.count > 1, groups.allSatisfy({ $0.group.candidates.count == 1 }) {
            Terminal.printMessage(
                """
                ganrm: every prompt has one candidate; if a file holds several side by side, add \
                --grid N; else say by --pattern or --group-by what belongs together
                """)
        }
        return Ranking(groups: groups, provenance: table.provenance, failures: failures)
    }

    /// The writer for rows.
    func writer() throws -> LineWriter {
        try LineWriter(output: output, overwrites: overwrite)
    }

    /// - Throws: `ExitStatus` if a candidate failed or nothing was written.
    func finish(_ ranking: Ranking, written: Int) throws {
        guard !ranking.failures.isEmpty || written == 0 else { return }
        throw written == 0 ? ExitStatus.nothingDone : ExitStatus.someInputsFailed
    }
}
