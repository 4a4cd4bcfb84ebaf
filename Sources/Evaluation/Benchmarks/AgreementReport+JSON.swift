import TextFormats

extension AgreementReport {
    /// The report as one JSON object. The order of the keys is fixed; docs/benchmarks.md describes
    /// them.
    public var json: String {
        JSONValue.object(
            provenance + [
                .init("benchmark", .string(benchmark.name)),
                .init("annotations", .string(path)),
                .init("confidence", .number(0.95)), .init("resamples", .integer(resamples)),
                .init("seed", Int(exactly: seed).map { .integer($0) } ?? .string(String(seed))),
                .init("dimensions", .array(dimensions.map(Self.json(of:)))),
                .init("failures", .array(failures.map(\.json))),
            ]
        ).description
    }

    private static func json(of dimension: Dimension) -> JSONValue {
        let threshold = dimension.values.lazy.compactMap(\.tieThreshold).first
        return .object([
            .init("dimension", .string(dimension.name)), .init("kind", .string(dimension.kind)),
            .init("count", .integer(dimension.count)),
            .init("ties", dimension.ties.map { .integer($0) } ?? .null),
            .init("unscored", .integer(dimension.unscored)),
            .init("groups", .integer(dimension.groupCount)),
            .init(
                "metrics",
                .object(dimension.values.map { .init($0.key, $0.estimate.json) })),
            .init("tie_threshold", threshold.map { .number($0) } ?? .null),
            .init(
                "published",
                .array(
                    dimension.published.map { result in
                        .object(
                            [.init("model", .string(result.model))]
                                + dimension.values.map { value in
                                    .init(
                                        value.key,
                                        result.values[value.key].map { .number($0) } ?? .null)
                                } + [.init("source", .string(result.source))])
                    })),
        ])
    }
}
