import Dispatch
import Foundation
import Glibc
public import Metrics
public import Pipeline
import Reward
import Scoring
import TextFormats

/// The process at the other end of `IsolatedScoring`: it reads requests from standard input and writes their rows.
public enum ScoringWorker {
    private static let inputKey = "input"
    private static let rateKey = "framerate"
    private static let metricsKey = "metrics"

    /// Scores until standard input or the process that started this one ends.
    ///
    /// - Throws: Errors of loading an encoder.
    public static func run(_ scoring: InputScoring) throws {
        try run(scoring) { try scoring.loadEncoders() }
    }

    /// As for a reward model, with metrics.
    public static func run(_ evaluation: MetricEvaluation) throws {
        try run(MetricScoring(evaluation: evaluation)) {}
    }

    private static func run(_ scoring: some MediaScoring, preparing: () throws -> Void) throws {
        // The server ends its workers.
        signal(SIGINT, SIG_IGN)
        signal(SIGTERM, SIG_IGN)
        let parent = getppid()
        let watch = DispatchSource.makeTimerSource(queue: .global())
        watch.schedule(deadline: .now() + 1, repeating: 1)
        // A decoder that never ends does not read the end of the input.
        watch.setEventHandler { if getppid() != parent { _exit(1) } }
        watch.resume()
        try preparing()
        write("ready")
        // A line may have to be waited for.
        try scoring.score(next: { waits in waits ? request() : nil }) { write("\($0)") }
        watch.cancel()
    }

    /// A request as a line: what it is read with, then what is copied to its row.
    static func line(of request: Request) -> String {
        let rate = request.frameRate.map { JSONValue.Member(rateKey, .string($0)) }
        let metrics = request.metrics.map { names in
            JSONValue.Member(metricsKey, .array(names.map { .string($0) }))
        }
        return JSONValue.object(
            [.init(inputKey, .string(request.input))] + [rate, metrics].compactMap(\.self)
                + request.extras
        ).description
    }

    private static func request() -> Request? {
        guard let line = readLine(), let object = try? JSONValue(parsing: line) else { return nil }
        let used = [inputKey, rateKey, metricsKey]
        var request = Request(
            input: object[inputKey]?.stringValue ?? "",
            extras: object.members?.filter { !used.contains($0.key) } ?? [])
        request.frameRate = object[rateKey]?.stringValue
        request.metrics = object[metricsKey]?.arrayValue?.compactMap(\.stringValue)
        return request
    }

    private static func write(_ line: String) {
        FileHandle.standardOutput.write(Data((line + "\n").utf8))
    }
}

extension InputScoring {
    /// Loads the encoders now, so that the first medium does not wait for them.
    func loadEncoders() throws {
        for kind in scorer.model.encoders.keys { _ = try scorer.encoders.encoder(for: kind) }
    }
}
