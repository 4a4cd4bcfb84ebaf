import Frames
package import Media
import Reward
package import Scoring
import Store
import TextFormats

extension ScoreRow {
    /// Parses a line of a file of rows.
    ///
    /// - Throws: `PipelineError.notAResultLine`.
    init(parsing text: String, path: String, line: Int) throws(PipelineError) {
        do throws(JSONValue.ParseError) {
            try self.init(parsing: text)
        } catch {
            throw .notAResultLine(path: path, line: line, reason: error.description)
        }
        guard !members.isEmpty else { throw .notAResultLine(path: path, line: line) }
    }

    /// The row of a whole input.
    ///
    /// - Parameter isRealTime: Whether clips can be dropped, so that the row has their number.
    init(_ result: InputScore, provenance: Provenance, isRealTime: Bool) {
        self.init(input: result.request.input, extras: result.request.extras)
        switch result.outcome {
        case .failed(let reason):
            failure = reason
        case .finished(let summary, let sampling):
            guard let score = result.score else {
                failure = "the input is too short for a single clip"
                break
            }
            setScore(score)
            provenance.addMeaning(of: score, to: &self)
            setParts(of: score)
            provenance.addWarnings(about: score, result.degeneracy, to: &self)
            addFacts(of: summary)
            droppedClips = isRealTime ? result.droppedClips : nil
            clips = result.clips.map { clip in
                var row = ScoreRow()
                row.addScore(of: clip, provenance)
                return row
            }
            provenance.addProvenance(for: summary.info.kind, sampling: sampling, to: &self)
        }
        addPosition(of: result.request)
    }

    /// The row of a single clip, alone.
    ///
    /// - Parameter droppedClips: Number of clips dropped since the previous row; nil if none can be
    ///   dropped.
    init(
        _ clip: ClipScore, of input: OpenedInput, provenance: Provenance, droppedClips: Int?
    ) {
        self.init(input: input.request.input, extras: input.request.extras)
        addScore(of: clip, provenance)
        kind = input.kind
        self.droppedClips = droppedClips
        provenance.addProvenance(for: input.kind, sampling: input.sampling, to: &self)
        addPosition(of: input.request)
    }

    /// The row of a clip without a score.
    init(_ clip: EncodedClip, of input: OpenedInput, failure: String, droppedClips: Int?) {
        self.init(input: input.request.input, extras: input.request.extras)
        start = clip.startSeconds
        end = clip.endSeconds
        indices = clip.indices
        self.failure = failure
        kind = input.kind
        self.droppedClips = droppedClips
        addPosition(of: input.request)
    }

    private mutating func addScore(of clip: ClipScore, _ provenance: Provenance) {
        start = clip.startSeconds
        end = clip.endSeconds
        indices = clip.indices
        setScore(clip.score)
        setParts(of: clip.score)
        provenance.addWarnings(about: clip.score, clip.degeneracy, to: &self)
    }

    /// Adds what is known of an input that was read to its end.
    package mutating func addFacts(of summary: ReadSummary) {
        kind = summary.info.kind
        frameCount = summary.frameCount
        duration = summary.info.kind == .video ? summary.durationSeconds : nil
        truncation = summary.truncation
    }

    /// Adds the last keys of a row; see `ShardMerge`.
    package mutating func addPosition(of request: Request) {
        position = request.position?.index
        total = request.position?.total
        memberPosition = request.position?.member?.index
        memberTotal = request.position?.member?.total
    }
}
