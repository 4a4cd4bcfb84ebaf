import Foundation
import Synchronization

/// Counters and histograms of a server, in Prometheus's text format, version 0.0.4.
final class ServiceMetrics: Sendable {
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
        var scored = 0
        var failed = 0
        var requestSeconds = Histogram()
    }

    private let state = Mutex(State())

    func countRequest(route: String, status: Int, seconds: Double) {
        state.withLock { state in
            state.requests["route=\"\(route)\",code=\"\(status)\"", default: 0] += 1
            state.requestSeconds.add(seconds)
        }
    }

    func countItems(scored: Int, failed: Int) {
        state.withLock { state in
            state.scored += scored
            state.failed += failed
        }
    }

    /// - Parameters:
    ///   - depth: Media that wait and that are being worked on.
    ///   - byteCount: Bytes of bodies in flight.
    ///   - model: Labels of the model.
    func text(
        depth: (waiting: Int, running: Int), byteCount: Int, model: [(key: String, value: String)]
    ) -> String {
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
            "ganrm_items_total", "counter", "Media that were scored or failed.",
            [
                "ganrm_items_total{result=\"scored\"} \(state.scored)",
                "ganrm_items_total{result=\"failed\"} \(state.failed)",
            ])
        add(
            "ganrm_queue_items", "gauge", "Media that wait or are being worked on.",
            [
                "ganrm_queue_items{state=\"waiting\"} \(depth.waiting)",
                "ganrm_queue_items{state=\"running\"} \(depth.running)",
            ])
        add(
            "ganrm_queue_bytes", "gauge", "Bytes of bodies in flight.",
            ["ganrm_queue_bytes \(byteCount)"])
        add(
            "ganrm_request_seconds", "histogram", "Seconds from a request's head to its answer.",
            state.requestSeconds.lines("ganrm_request_seconds"))
        add(
            "ganrm_model_info", "gauge", "The model in use.",
            ["ganrm_model_info{\(labels(model))} 1"])
        return lines.map { $0 + "\n" }.joined()
    }
}
