import Media
import Pipeline
import Scoring
import TextFormats

/// A medium of a call, and what metrics of it are computed with.
struct Medium: Sendable {
    var upload: Upload
    /// As the client gave it; nil if it gave none.
    var prompt: JSONValue?
    /// Names of the metrics that it is for; nil is all.
    var metrics: [String]?

    static let promptKey = ScoreRow.Key.prompt.rawValue

    var request: Request {
        var request = Request(
            input: upload.path, extras: prompt.map { [.init(Self.promptKey, $0)] } ?? [])
        request.frameRate = upload.frameRate
        request.metrics = metrics
        return request
    }
}
