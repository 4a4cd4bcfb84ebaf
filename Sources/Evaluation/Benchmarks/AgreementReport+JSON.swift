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
                .init("seed", JSONValue(seed)),
                .init("dimensions", .array(dimensions.map(Self.json(of:)))),
                .init("failures", .array(failures.map(\.json))),
            ]
        ).description
    }

    private static func json(of dimension: Dimension) -> JSONValue {
        let threshold = dimension.values.lazy.compactMap(\.tieThreshold).first
        return [
            "dimension": .string(dimension.name), "kind": .string(dimension.kind),
            "count": .integer(dimension.count),
            "ties": JSONValue(dimension.ties),
            "unscored": .integer(dimension.unscored),
            "groups": .integer(dimension.groupCount),
            "metrics": .object(dimension.values.map { .init($0.key, $0.estimate.json) }),
            "tie_threshold": JSONValue(threshold),
            "published": .array(
                dimension.published.map { result in
                    .object(
                        [.init("model", .string(result.model))]
                            + dimension.values.map { value in
                                .init(value.key, JSONValue(result.values[value.key]))
                            } + [.init("source", .string(result.source))])
                }),
        ]
    }
}
