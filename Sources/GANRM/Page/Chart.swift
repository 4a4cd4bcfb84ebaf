import Foundation

/// A chart with two axes as inline SVG; its colours are those of the page's style sheet.
struct Chart {
    /// A range of numbers with a name and ticks.
    struct Axis {
        let low: Double
        let high: Double
        let label: String

        init(_ low: Double, _ high: Double, label: String) {
            self.low = low
            self.high = high > low ? high : low + 1
            self.label = label
        }

        /// Holds all values, with a little room at the ends.
        init(covering values: [Double], label: String) {
            let low = values.min() ?? 0
            let high = values.max() ?? 1
            let room = high > low ? (high - low) / 25 : 0.5
            self.init(low - room, high + room, label: label)
        }

        /// Three to seven round numbers, and how many decimals they need.
        var ticks: (values: [Double], digits: Int) {
            let rough = (high - low) / 5
            let magnitude = pow(10, floor(log10(rough)))
            let step = [1, 2, 5, 10].map { $0 * magnitude }.first { $0 >= rough } ?? 10 * magnitude
            let values = stride(from: (low / step).rounded(.up), through: high / step, by: 1)
                .map { $0 * step }
            return (values, max(0, -Int(floor(log10(step) + 1e-9))))
        }

        func share(_ value: Double) -> Double { (value - low) / (high - low) }
    }

    /// More points than this are drawn as an even choice of them: a page has to be read by people.
    static let mostPoints = 2000

    private let x: Axis
    private let y: Axis
    private var shapes = ""
    // In units of the view box.
    private static let size = (width: 360.0, height: 270.0)
    private static let plot = (left: 46.0, top: 8.0, width: 304.0, height: 222.0)

    init(x: Axis, y: Axis) {
        self.x = x
        self.y = y
    }

    private func place(_ x: Double, _ y: Double) -> (x: Double, y: Double) {
        (
            Self.plot.left + self.x.share(x) * Self.plot.width,
            Self.plot.top + (1 - self.y.share(y)) * Self.plot.height
        )
    }

    mutating func addLine(_ points: [(x: Double, y: Double)], style: String) {
        let path = Self.choice(points).map { point in
            let place = place(point.x, point.y)
            return "\(Self.text(place.x)),\(Self.text(place.y))"
        }
        shapes += "<polyline class=\"\(style)\" points=\"\(path.joined(separator: " "))\"/>"
    }

    mutating func addDots(
        _ points: [(x: Double, y: Double)], radius: (Int) -> Double = { _ in 3 }, style: String
    ) {
        for (index, point) in Self.choice(points).enumerated() {
            let place = place(point.x, point.y)
            shapes += """
                <circle class="\(style)" cx="\(Self.text(place.x))" cy="\(Self.text(place.y))" \
                r="\(Self.text(radius(index)))"/>
                """
        }
    }

    /// Adds a bar from the lower edge up.
    mutating func addBar(from low: Double, to high: Double, height: Double, style: String) {
        let top = place(low, height)
        let bottom = place(high, y.low)
        shapes += """
            <rect class="\(style)" x="\(Self.text(top.x))" y="\(Self.text(top.y))" \
            width="\(Self.text(bottom.x - top.x))" height="\(Self.text(bottom.y - top.y))"/>
            """
    }

    /// The line on which both axes are equal.
    mutating func addDiagonal() {
        let low = max(x.low, y.low)
        let high = min(x.high, y.high)
        addLine([(low, low), (high, high)], style: "diagonal")
    }

    /// The chart as an element.
    ///
    /// - Parameter summary: What it shows, for those who cannot see it.
    func svg(summary: String) -> String {
        let (left, top, width, height) = Self.plot
        let bottom = top + height
        var axes = """
            <rect class="frame" x="\(Self.text(left))" y="\(Self.text(top))" \
            width="\(Self.text(width))" height="\(Self.text(height))"/>
            """
        for value in x.ticks.values {
            let place = Self.text(place(value, y.low).x)
            axes += """
                <line class="grid" x1="\(place)" x2="\(place)" y1="\(Self.text(top))" \
                y2="\(Self.text(bottom))"/>\
                <text x="\(place)" y="\(Self.text(bottom + 14))" text-anchor="middle">\
                \(Self.text(value, digits: x.ticks.digits))</text>
                """
        }
        for value in y.ticks.values {
            let place = place(x.low, value).y
            axes += """
                <line class="grid" x1="\(Self.text(left))" x2="\(Self.text(left + width))" \
                y1="\(Self.text(place))" y2="\(Self.text(place))"/>\
                <text x="\(Self.text(left - 5))" y="\(Self.text(place + 3.5))" text-anchor="end">\
                \(Self.text(value, digits: y.ticks.digits))</text>
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

    /// All points, or as many as are drawn, the last one among them.
    private static func choice(
        _ points: [(x: Double, y: Double)]
    ) -> [(x: Double, y: Double)] {
        guard points.count > mostPoints else { return points }
        return (0..<mostPoints).map { points[$0 * (points.count - 1) / (mostPoints - 1)] }
    }

    private static func text(_ number: Double, digits: Int = 1) -> String {
        // A tick of 0 may come out as the zero below 0.
        let text = String(format: "%.\(digits)f", number)
        return Double(text) == 0 && text.hasPrefix("-") ? String(text.dropFirst()) : text
    }
}
