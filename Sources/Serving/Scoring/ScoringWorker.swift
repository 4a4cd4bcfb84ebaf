import Dispatch
import Foundation
import Glibc
public import Pipeline
import Reward
import Scoring
import TextFormats

/// The process at the other end of `IsolatedScoring`: it reads requests from standard input and writes their rows.
public enum ScoringWorker {
    static let inputKey = "input"
    static let rateKey = "framerate"

    /// Scores until standard input or the process that started this one ends.
    ///
    /// - Throws: Errors of loading an encoder.
    public static func run(_ scoring: InputScoring) throws {
        // The server ends its workers.
        signal(SIGINT, SIG_IGN)
        signal(SIGTERM, SIG_IGN)
        let parent = getppid()
        let watch = DispatchSource.makeTimerSource(queue: .global())
        watch.schedule(deadline: .now() + 1, repeating: 1)
        // A decoder that never ends does not read the end of the input.
        watch.setEventHandler { if getppid() != parent { _exit(1) } }
        watch.resume()
        try scoring.loadEncoders()
        write("ready")
        try scoring.run(next: { request() }) { event in
            if case .ended(_, let row) = event { write("\(row)") }
        }
        watch.cancel()
    }

    private static func request() -> Request? {
        guard let line = readLine(), let object = try? JSONValue(parsing: line) else { return nil }
        var request = Request(input: object[inputKey]?.stringValue ?? "")
        request.frameRate = object[rateKey]?.stringValue
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
