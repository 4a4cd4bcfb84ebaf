import Foundation

/// Writes the tables of docs/ablations.md: Ablations FOLDER PAGE [SEEDS [TABLE…]]
///
/// FOLDER is the output folder of scripts/ablations. Each table replaces the text between
/// `<!-- table NAME -->` and `<!-- end -->` in PAGE; the rest of the page is unchanged.
@main
struct Ablations {
    static func main() throws {
        let arguments = CommandLine.arguments.dropFirst()
        guard let folder = arguments.first, let page = arguments.dropFirst().first else {
            FileHandle.standardError.write(
                Data("usage: Ablations FOLDER PAGE [SEEDS [TABLE…]]\n".utf8))
            exit(2)
        }
        let seeds = arguments.dropFirst(2).first.flatMap { UInt64($0) } ?? 3
        let names = Set(arguments.dropFirst(3))
        func isWanted(_ name: String) -> Bool { names.isEmpty || names.contains(name) }
        func write(_ name: String, _ table: String) throws {
            let text = try String(contentsOfFile: page, encoding: .utf8)
            try replace(name, in: text, by: table)
                .write(toFile: page, atomically: true, encoding: .utf8)
        }
        if ["damage", "kinds", "sources"].contains(where: isWanted) {
            let data = try PartsData(folder: folder)
            if isWanted("sources") { try write("sources", SourcesTrial(data).markdown()) }
            if isWanted("damage") || isWanted("kinds") {
                let trial = PartsTrial(data)
                try write("damage", trial.markdownOfParts())
                try write("kinds", trial.markdownOfKinds())
            }
        }
        let tables = Table.all.filter { isWanted($0.name) }
        guard !tables.isEmpty else { return }
        let data = try AblationData(folder: folder)
        let metrics = TrialMetrics(data)
        for table in tables {
            var trials: [Trial] = []
            for recipe in table.recipes {
                trials.append(Trial(recipe, data, seeds: 0..<seeds))
                FileHandle.standardError.write(
                    Data(
                        "\(table.name): \(recipe.name): \(metrics.auc(trials[trials.count - 1]))\n"
                            .utf8))
            }
            try write(table.name, table.markdown(trials, metrics))
        }
    }

    private static func replace(_ name: String, in text: String, by table: String) -> String {
        let start = "<!-- table \(name) -->\n"
        guard let begin = text.range(of: start),
            let end = text.range(of: "<!-- end -->", range: begin.upperBound..<text.endIndex)
        else {
            return text + "\n\(start)\n\(table)\n<!-- end -->\n"
        }
        return text.replacingCharacters(
            in: begin.upperBound..<end.lowerBound, with: "\n\(table)\n")
    }
}
