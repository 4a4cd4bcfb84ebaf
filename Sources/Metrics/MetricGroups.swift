/// Metrics that belong together.
struct MetricGroups {
    /// In the order of their first metrics.
    private(set) var groups: [[Metric]] = []
    init(_ metrics: [Metric], by belong: (Metric, Metric) -> Bool) {
        for metric in metrics {
            if let index = groups.firstIndex(where: { belong($0[0], metric) }) {
                groups[index].append(metric)
            } else {
                groups.append([metric])
            }
        }
    }
}
