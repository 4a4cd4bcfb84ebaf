/// A dimension of VBench, and how its score becomes a part of VBench's total.
///
/// Source: VBench, `scripts/constant.py`.
public struct VBenchDimension: Sendable, Hashable {
    /// What a dimension is a part of.
    public enum Part: String, Sendable, Hashable, CaseIterable {
        case quality, semantic

        /// The weight in the total.
        var weight: Double { self == .quality ? 4 : 1 }
    }

    /// As in VBench's results and among metrics: `subject_consistency`.
    public let name: String
    public let part: Part
    /// Scores that count as 0 and as 1. A score may lie outside.
    public let range: ClosedRange<Double>
    /// The weight in its part.
    public let weight: Double

    private init(
        _ name: String, _ part: Part, _ range: ClosedRange<Double> = 0...1, weight: Double = 1
    ) {
        self.name = name
        self.part = part
        self.range = range
        self.weight = weight
    }

    /// `(score − lowest) / (highest − lowest)`, not clamped.
    public func normalized(_ score: Double) -> Double {
        (score - range.lowerBound) / (range.upperBound - range.lowerBound)
    }

    /// All dimensions, in VBench's order.
    public static let all: [VBenchDimension] = [
        VBenchDimension("subject_consistency", .quality, 0.1462...1),
        VBenchDimension("background_consistency", .quality, 0.2615...1),
        VBenchDimension("temporal_flickering", .quality, 0.6293...1),
        VBenchDimension("motion_smoothness", .quality, 0.706...0.9975),
        VBenchDimension("dynamic_degree", .quality, weight: 0.5),
        VBenchDimension("aesthetic_quality", .quality),
        VBenchDimension("imaging_quality", .quality),
        VBenchDimension("object_class", .semantic),
        VBenchDimension("multiple_objects", .semantic),
        VBenchDimension("human_action", .semantic),
        VBenchDimension("color", .semantic),
        VBenchDimension("spatial_relationship", .semantic),
        VBenchDimension("scene", .semantic, 0...0.8222),
        VBenchDimension("appearance_style", .semantic, 0.0009...0.2855),
        VBenchDimension("temporal_style", .semantic, 0...0.364),
        VBenchDimension("overall_consistency", .semantic, 0...0.364),
    ]

    /// The dimension with this name; nil if there is none.
    public static func named(_ name: String) -> VBenchDimension? {
        all.first { $0.name == name }
    }
}
