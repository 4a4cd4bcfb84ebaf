import Foundation
import Pipeline
import Scoring
import Synchronization
import TextFormats

/// Counters and histograms of a server, in Prometheus's text format, version 0.0.4.
final class ServiceMetrics: Sendable {
    /// What takes time.
    enum Stage: String, CaseIterable {
        case request, queue, decode, encode

        fileprivate var help: String {
            switch self {
            case .request: "Seconds from a request's head to its answer."
            case .queue: "Seconds that a medium waits for its turn."
            case .decode: "Seconds of decoding a medium, with waiting for the encoder."
            case .encode: "Seconds from the end of decoding a medium to its row."
            }
        }
    }

    /// A medium without a score.
    struct Failure: Sendable {
        let time: Date
        let reason: String
    }

    /// What queues and `ByteBudget` hold.
    struct Load {
        /// Media that wait and media that are being worked on, by what is computed.
        var queues: [(kind: ScoringEngine.Kind, waiting: Int, running: Int)]
        /// Bytes of bodies in flight.
        var byteCount: Int
    }

    private struct Histogram {
        /// Upper bounds in seconds.
        static let bounds = [0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100, 300]

        var counts = [Int](repeating: 0, count: bounds.count + 1)
        var sum = 0.0

        mutating func add(_ seconds: Double) {
            counts[Self.bounds.firstIndex { seconds <= $0 } ?? Self.bounds.count] += 1
            sum += seconds
        }

        func lines(_ name: String) -> [String] {
            var total = 0
            var lines: [String] = []
            for (bound, count) in zip(Self.bounds.map { "\($0)" } + ["+Inf"], counts) {
                total += count
                lines.append("\(name)_bucket{le=\"\(bound)\"} \(total)")
            }
            return lines + ["\(name)_sum \(sum)", "\(name)_count \(total)"]
        }
    }

    private struct State {
        /// By path and status.
        var requests: [String: Int] = [:]
        /// By reason.
        var refusals: [String: Int] = [:]
        var scored: [ScoringEngine.Kind: Int] = [:]
        var failed: [ScoringEngine.Kind: Int] = [:]
        var histograms: [Stage: Histogram] = [:]
        /// The newest last.
        var failures: [Failure] = []
    }

    private let begin = Date.now
    private let state = Mutex(State())

    private static let failureLimit = 20

    func countRequest(route: String, status: Int, seconds: Double) {
        state.withLock { state in
            state.requests["route=\"\(route)\",code=\"\(status)\"", default: 0] += 1
            state.histograms[.request, default: Histogram()].add(seconds)
        }
    }

    func countRefusal(_ reason: String) {
        state.withLock { $0.refusals[reason, default: 0] += 1 }
    }

    func count(_ rows: [ScoreRow], of kind: ScoringEngine.Kind) {
        let reasons = rows.compactMap(\.failure)
        state.withLock { state in
            state.scored[kind, default: 0] += rows.count - reasons.count
            state.failed[kind, default: 0] += reasons.count
            state.failures += reasons.suffix(Self.failureLimit).map {
                Failure(time: .now, reason: $0)
            }
            state.failures = state.failures.suffix(Self.failureLimit)
        }
    }

    func observe(
        _ stage: Stage, from start: ContinuousClock.Instant, to end: ContinuousClock.Instant
    ) {
        state.withLock {
            $0.histograms[stage, default: Histogram()].add((end - start) / .seconds(1))
        }
    }

    /// The numbers for the status page.
    func json(_ load: Load, model: [(key: String, value: String)]) -> JSONValue {
        let state = state.withLock(\.self)
        return [
            "model": .object(model.map { .init($0.key, .string($0.value)) }),
            "uptime_seconds": .integer(Int(Date.now.timeIntervalSince(begin))),
            "scored": .integer(state.scored.values.reduce(0, +)),
            "failed": .integer(state.failed.values.reduce(0, +)),
            "waiting": .integer(load.queues.map(\.waiting).reduce(0, +)),
            "running": .integer(load.queues.map(\.running).reduce(0, +)),
            "bytes": .integer(load.byteCount),
            "encode_seconds": .number(state.histograms[.encode]?.sum ?? 0),
            "failures": .array(
                state.failures.reversed().map {
                    [
                        "time": .string($0.time.formatted(.iso8601)),
                        "reason": .string($0.reason),
                    ]
                }),
        ]
    }

    /// - Parameter model: Labels of the model.
    func text(_ load: Load, model: [(key: String, value: String)]) -> String {
        let state = state.withLock(\.self)
        func labels(_ pairs: [(key: String, value: String)]) -> String {
            pairs.map { pair in
                let value = pair.value.replacingOccurrences(of: "\\", with: "\\\\")
                    .replacingOccurrences(of: "\"", with: "\\\"")
                    .replacingOccurrences(of: "\n", with: "\\n")
                return "\(pair.key)=\"\(value)\""
            }.joined(separator: ",")
        }
        var lines: [String] = []
        func add(_ name: String, _ kind: String, _ help: String, _ samples: [String]) {
            lines += ["# HELP \(name) \(help)", "# TYPE \(name) \(kind)"] + samples
        }
        add(
            "ganrm_requests_total", "counter", "Requests by route and status.",
            state.requests.sorted { $0.key < $1.key }.map {
                "ganrm_requests_total{\($0.key)} \($0.value)"
            })
        add(
            "ganrm_rejected_total", "counter", "Requests without an answer, by reason.",
            state.refusals.sorted { $0.key < $1.key }.map {
                "ganrm_rejected_total{reason=\"\($0.key)\"} \($0.value)"
            })
        add(
            "ganrm_items_total", "counter", "Media that were scored or failed.",
            load.queues.flatMap { queue in
                [("scored", state.scored), ("failed", state.failed)].map { result, counts in
                    "ganrm_items_total{kind=\"\(queue.kind)\",result=\"\(result)\"} \(counts[queue.kind] ?? 0)"
                }
            })
        add(
            "ganrm_queue_items", "gauge", "Media that wait or are being worked on.",
            load.queues.flatMap { queue in
                [("waiting", queue.waiting), ("running", queue.running)].map { state, count in
                    "ganrm_queue_items{kind=\"\(queue.kind)\",state=\"\(state)\"} \(count)"
                }
            })
        add(
            "ganrm_queue_bytes", "gauge", "Bytes of bodies in flight.",
            ["ganrm_queue_bytes \(load.byteCount)"])
        for stage in Stage.allCases {
            let name = "ganrm_\(stage.rawValue)_seconds"
            add(name, "histogram", stage.help, (state.histograms[stage] ?? Histogram()).lines(name))
        }
        add(
            "ganrm_model_info", "gauge", "The model in use.",
            ["ganrm_model_info{\(labels(model))} 1"])
        for figure in ProcessFigures.all() {
            add(figure.name, figure.kind, figure.help, ["\(figure.name) \(figure.value)"])
        }
        return lines.map { $0 + "\n" }.joined()
    }
}
