import Foundation

/// A chart with two axes as inline SVG; its colours come from the page's style sheet.
struct Chart {
    /// A range of values with a label and ticks.
    struct Axis {
        let low: Double
        let high: Double
        let label: String
        /// Whether values are counts, so that ticks are whole numbers.
        let isCount: Bool

        init(_ low: Double, _ high: Double, label: String, isCount: Bool = false) {
            // The differences of larger values overflow, and the steps of narrower ranges are lost in
            // rounding.
            let limit = 1e300
            let low = !low.isNaN ? min(max(low, -limit), limit) : 0
            let high = !high.isNaN ? min(max(high, -limit), limit) : low
            let narrowest = max(abs(low) * 1e-9, 1e-300)
            self.low = low
            self.high = high - low > narrowest ? high : low + max(1, abs(low) / 1e3)
            self.label = label
            self.isCount = isCount
        }

        /// An axis that covers all values, with 4 % padding at each end.
        init(covering values: [Double], label: String) {
            let low = values.min() ?? 0
            let high = values.max() ?? 1
            let padding = high > low ? high / 25 - low / 25 : 0.5
            self.init(low - padding, high + padding, label: label)
        }

        /// Three to seven round tick values, or fewer of counts below three, and the number of decimals to print; nil prints an
        /// exponent, for values that would be too long.
        var ticks: (values: [Double], digits: Int?) {
            let minimumStep = max((high - low) / 5, isCount ? 1 : 0)
            let magnitude = pow(10, floor(log10(minimumStep)))
            let step =
                [1, 2, 5, 10].map { $0 * magnitude }.first { $0 >= minimumStep } ?? 10 * magnitude
            // By count, since adding 1 to a large multiple of the step may not change it.
            let first = (low / step).rounded(.up)
            let values = (0...7).map { (first + Double($0)) * step }.filter { $0 <= high }
            let digits = max(0, -Int(floor(log10(step) + 1e-9)))
            return (values, digits > 6 || max(abs(low), abs(high)) >= 1e6 ? nil : digits)
        }

        /// The position of a value along the axis, 0…1 for values in its range.
        func share(_ value: Double) -> Double { (value - low) / (high - low) }
    }

    /// The most points drawn per series, to bound the size of the page; longer series are
    /// subsampled evenly.
    static let maximumPointCount = 2000

    private let x: Axis
    private let y: Axis
    private var shapes = ""
    // Sizes in view-box units.
    private static let size = (width: 360.0, height: 270.0)
    private static let plot = (left: 54.0, top: 8.0, width: 296.0, height: 222.0)

    init(x: Axis, y: Axis) {
        self.x = x
        self.y = y
    }

    /// Maps data coordinates to view-box coordinates.
    private func viewBoxPoint(_ x: Double, _ y: Double) -> (x: Double, y: Double) {
        (
            Self.plot.left + self.x.share(x) * Self.plot.width,
            Self.plot.top + (1 - self.y.share(y)) * Self.plot.height
        )
    }

    mutating func addLine(_ points: [(x: Double, y: Double)], style: String) {
        let vertices = Self.subsample(points).map { point in
            let vertex = viewBoxPoint(point.x, point.y)
            return "\(Self.text(vertex.x)),\(Self.text(vertex.y))"
        }
        shapes += "<polyline class=\"\(style)\" points=\"\(vertices.joined(separator: " "))\"/>"
    }

    /// Adds the area between two lines.
    mutating func addBand(_ points: [(x: Double, low: Double, high: Double)], style: String) {
        let upper = points.map { (x: $0.x, y: $0.high) }
        let lower = points.reversed().map { (x: $0.x, y: $0.low) }
        let vertices = (Self.subsample(upper) + Self.subsample(lower)).map { point in
            let vertex = viewBoxPoint(point.x, point.y)
            return "\(Self.text(vertex.x)),\(Self.text(vertex.y))"
        }
        shapes += "<polygon class=\"\(style)\" points=\"\(vertices.joined(separator: " "))\"/>"
    }

    mutating func addDots(
        _ points: [(x: Double, y: Double)], radius: (Int) -> Double = { _ in 3 }, style: String
    ) {
        for (index, point) in Self.subsample(points).enumerated() {
            let center = viewBoxPoint(point.x, point.y)
            shapes += """
                <circle class="\(style)" cx="\(Self.text(center.x))" cy="\(Self.text(center.y))" \
                r="\(Self.text(radius(index)))"/>
                """
        }
    }

    /// Adds a bar that stands on the lower edge.
    mutating func addBar(from low: Double, to high: Double, height: Double, style: String) {
        let topLeft = viewBoxPoint(low, height)
        let bottomRight = viewBoxPoint(high, y.low)
        shapes += """
            <rect class="\(style)" x="\(Self.text(topLeft.x))" y="\(Self.text(topLeft.y))" \
            width="\(Self.text(bottomRight.x - topLeft.x))" \
            height="\(Self.text(bottomRight.y - topLeft.y))"/>
            """
    }

    /// Adds the line y = x.
    mutating func addDiagonal() {
        let low = max(x.low, y.low)
        let high = min(x.high, y.high)
        addLine([(low, low), (high, high)], style: "diagonal")
    }

    /// The chart as an `svg` element.
    ///
    /// - Parameter summary: The accessible description (`aria-label`).
    func svg(summary: String) -> String {
        let (left, top, width, height) = Self.plot
        let bottom = top + height
        var axes = """
            <rect class="plot" x="\(Self.text(left))" y="\(Self.text(top))" \
            width="\(Self.text(width))" height="\(Self.text(height))"/>
            """
        for value in x.ticks.values {
            let tickX = Self.text(viewBoxPoint(value, y.low).x)
            axes += """
                <line class="grid" x1="\(tickX)" x2="\(tickX)" y1="\(Self.text(top))" \
                y2="\(Self.text(bottom))"/>\
                <text x="\(tickX)" y="\(Self.text(bottom + 14))" text-anchor="middle">\
                \(Self.tickText(value, digits: x.ticks.digits))</text>
                """
        }
        for value in y.ticks.values {
            let tickY = viewBoxPoint(x.low, value).y
            axes += """
                <line class="grid" x1="\(Self.text(left))" x2="\(Self.text(left + width))" \
                y1="\(Self.text(tickY))" y2="\(Self.text(tickY))"/>\
                <text x="\(Self.text(left - 5))" y="\(Self.text(tickY + 3.5))" text-anchor="end">\
                \(Self.tickText(value, digits: y.ticks.digits))</text>
                """
        }
        let middle = (x: left + width / 2, y: top + height / 2)
        axes += """
            <text x="\(Self.text(middle.x))" y="\(Self.text(bottom + 31))" text-anchor="middle">\
            \(x.label.escapedForHTML)</text>\
            <text transform="translate(12 \(Self.text(middle.y))) rotate(-90)" \
            text-anchor="middle">\(y.label.escapedForHTML)</text>
            """
        return """
            <svg viewBox="0 0 \(Self.text(Self.size.width)) \(Self.text(Self.size.height))" \
            role="img" aria-label="\(summary.escapedForHTML)">\(axes)\(shapes)</svg>
            """
    }

    /// At most `maximumPointCount` points at even steps, including the last one.
    private static func subsample(
        _ points: [(x: Double, y: Double)]
    ) -> [(x: Double, y: Double)] {
        guard points.count > maximumPointCount else { return points }
        return (0..<maximumPointCount).map {
            points[$0 * (points.count - 1) / (maximumPointCount - 1)]
        }
    }

    private static func tickText(_ value: Double, digits: Int?) -> String {
        digits.map { text(value, digits: $0) } ?? String(format: "%.3g", value)
    }

    private static func text(_ value: Double, digits: Int = 1) -> String {
        // A tick at 0 may be a tiny negative value, which would print as -0.
        let text = String(format: "%.\(digits)f", value)
        return Double(text) == 0 && text.hasPrefix("-") ? String(text.dropFirst()) : text
    }
}
