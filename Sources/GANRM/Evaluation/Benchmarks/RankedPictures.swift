import JSON

/// Benchmarks whose annotations are a JSON list of prompts with ranked pictures.
enum RankedPictures {
    /// Every pair of pictures of a ranking; a smaller rank is better.
    ///
    /// - Parameters:
    ///   - pictures: Key of the pictures' file names.
    ///   - ranks: Key of their ranks, in the same order.
    ///   - subfolder: Where the pictures are.
    /// - Throws: `GANRMError.unreadable`; `.evidence` for a file that is no list.
    static func read(
        _ folder: BenchmarkFolder, pictures: String, ranks: String, subfolder: String,
        metrics: [AgreementMetric<ScoredPair>]
    ) throws(GANRMError) -> BenchmarkAnnotations {
        let path = try folder.file("test.json")
        let text = try EvidenceFile.text(of: path)
        let list: [JSONValue]?
        do throws(JSONValue.Refusal) {
            list = try JSONValue(parsing: text).arrayValue
        } catch {
            throw .evidence("\(path): not valid JSON: \(error)")
        }
        guard let list else { throw .evidence("\(path): not a list of prompts") }
        var reader = AnnotationReader(path: path)
        var pairs: [BenchmarkAnnotations.Pair] = []
        for (index, entry) in list.enumerated() {
            let names = entry[pictures]?.arrayValue?.compactMap(\.stringValue) ?? []
            let places = entry[ranks]?.arrayValue?.compactMap(\.doubleValue) ?? []
            guard names.count >= 2, names.count == places.count else {
                reader.fail(
                    "entry \(index + 1) has no \"\(pictures)\" with as many numbers in \"\(ranks)\""
                )
                continue
            }
            let files = names.map { folder.media($0, under: [subfolder, ""]) }
            for first in files.indices {
                for second in files.indices[(first + 1)...] {
                    pairs.append(
                        .init(
                            first: files[first], second: files[second],
                            preference: places[first] == places[second]
                                ? .tie : places[first] < places[second] ? .first : .second,
                            group: String(index)))
                }
            }
        }
        return reader.annotations([
            .init(name: "Overall", answers: .pairs(pairs, metrics: metrics))
        ])
    }
}
