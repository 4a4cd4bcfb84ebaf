import Files

/// A histogram with bins of equal width.
struct Histogram {
    let axis: Chart.Axis
    let counts: [Int]

    var binWidth: Double { (axis.high - axis.low) / Double(counts.count) }

    /// - Parameter values: The values to count; those outside the axis fall into the first or last
    ///   bin.
    init(of values: [Double], on axis: Chart.Axis, binCount: Int = 30) {
        var counts = Array(repeating: 0, count: binCount)
        let width = (axis.high - axis.low) / Double(binCount)
        for value in values {
            let bin = ((value - axis.low) / width).rounded(.down)
            counts[Int(truncating: min(max(bin, 0), Double(binCount - 1))) ?? 0] += 1
        }
        self.axis = axis
        self.counts = counts
    }

    /// Draws the bars into a chart with the same x-axis.
    ///
    /// - Parameter scale: The bar height per counted value.
    func draw(in chart: inout Chart, scale: Double = 1, style: String) {
        for (bin, count) in counts.enumerated() where count > 0 {
            let low = axis.low + Double(bin) * binWidth
            chart.addBar(
                from: low, to: low + binWidth, height: Double(count) * scale, style: style)
        }
    }
}
