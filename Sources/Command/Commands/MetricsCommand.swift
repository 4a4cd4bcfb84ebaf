import ArgumentParser
import Files
import Metrics
import ModelCatalogue
import TextFormats

struct MetricsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "metrics",
        abstract: "Compute the metrics that papers report beside a reward.",
        discussion: """
            The variant is part of a metric's name. Models are fetched by ganrm models pull; see ganrm \
            metrics list.
            """,
        subcommands: [Compute.self, Summary.self, List.self], defaultSubcommand: Compute.self)

    struct List: ParsableCommand {
        enum Format: String, ExpressibleByArgument, CaseIterable {
            case table, jsonl
        }

        static let configuration = CommandConfiguration(
            abstract: "List all metrics, their models and which are in the cache.")

        @Option(help: "table for people, jsonl for programs.")
        var format: Format = .table

        func run() throws {
            let cache = ModelCache()
            let writer = LineWriter()
            let rows = try Metric.all.map { metric in
                let models = try metric.models.map { name in
                    (
                        entry: try Catalogue.entry(named: name),
                        isHere: metric.absence(of: name, in: cache) == nil
                    )
                }
                return (metric: metric, models: models)
            }
            switch format {
            case .table:
                // Each model has a line of its own; + stands for the metric above.
                let lines = rows.flatMap { metric, models in
                    let needs = metric.needs.first?.rawValue ?? "-"
                    if models.isEmpty { return [[metric.name, needs, "-", "yes", "-", "-"]] }
                    return models.enumerated().map { index, model in
                        [
                            index == 0 ? metric.name : "+",
                            index == 0 ? needs : "-",
                            model.entry.name, model.isHere ? "yes" : "-",
                            model.entry.downloadByteCount.map { Bytes.describe($0) } ?? "unknown",
                            model.entry.licence,
                        ]
                    }
                }
                try writer.write(
                    text: TextTable.text(
                        [["name", "needs", "model", "here", "size", "licence"]] + lines,
                        numbers: 4...4))
            case .jsonl:
                for (metric, models) in rows {
                    let entries = models.map(\.entry)
                    try writer.write(
                        JSONValue.object([
                            .init("name", .string(metric.name)),
                            .init("needs", .array(metric.needs.map { .string($0.rawValue) })),
                            .init("model", metric.encoder.map { .string($0) } ?? .null),
                            .init("models", .array(metric.models.map { .string($0) })),
                            .init("here", .bool(models.allSatisfy(\.isHere))),
                            .init(
                                "download_bytes",
                                Self.byteCount(of: entries).map { .integer($0) } ?? .null),
                            .init("licence", .string(Self.licence(of: entries))),
                            .init("value", .string(metric.summary)),
                            .init("reference", .string(metric.source)),
                        ]).description)
                }
            }
        }

        /// Bytes to download; nil if one of them is not known.
        private static func byteCount(of entries: [CatalogueEntry]) -> Int? {
            let counts = entries.compactMap(\.downloadByteCount)
            return counts.count == entries.count ? counts.reduce(0, +) : nil
        }

        private static func licence(of entries: [CatalogueEntry]) -> String {
            var licences: [String] = []
            for entry in entries where !licences.contains(entry.licence) {
                licences.append(entry.licence)
            }
            return licences.joined(separator: ", ")
        }
    }
}
