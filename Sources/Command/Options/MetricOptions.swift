import ArgumentParser
import Metrics

/// Options of metrics of single inputs that do not depend on where the inputs come from.
struct MetricOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "For nudenet and ip: 320n.onnx of the Python package nudenet. ONNX Runtime runs it.",
            valueName: "file"), completion: .file(extensions: ["onnx"]))
    var detector: String?

    @Option(help: "How the values of frames become one.")
    var pool: FramePooling = .mean

    /// The metrics of a list of names.
    ///
    /// - Throws: `ValidationError` for a name of none, and for a detector that is missing or not needed.
    func chosen(_ names: String) throws -> [Metric] {
        var chosen: [Metric] = []
        for name in names.split(separator: ",", omittingEmptySubsequences: false) {
            let metric: Metric
            do { metric = try Metric.named(String(name)) } catch {
                throw ValidationError("\(error)")
            }
            if !chosen.contains(metric) { chosen.append(metric) }
        }
        let needsDetector = chosen.filter { $0.needs.contains(.detector) }
        if let metric = needsDetector.first, detector == nil {
            throw ValidationError("\(MetricError.noDetector(metric: metric.name))")
        }
        guard detector == nil || !needsDetector.isEmpty else {
            throw ValidationError("--detector goes with nudenet and ip")
        }
        return chosen
    }

    var detectorSource: DetectorSource? { detector.map { DetectorSource(model: $0) } }
}
