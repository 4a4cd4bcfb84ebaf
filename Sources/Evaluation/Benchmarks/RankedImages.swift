import Files
import TextFormats

/// Reads benchmarks whose annotations are a JSON array of prompts with ranked images.
enum RankedImages {
    /// Reads `test.json` and returns all image pairs of each ranking; a lower rank is better.
    ///
    /// - Parameters:
    ///   - images: JSON key of the images' file names.
    ///   - ranks: JSON key of their ranks, in the same order.
    ///   - subfolder: Subfolder of the images.
    /// - Throws: `EvaluationError.file`; `.groundTruth` for a file that is not a JSON array.
    static func read(
        _ folder: BenchmarkFolder, images: String, ranks: String, subfolder: String,
        metrics: [AgreementMetric<ScoredPair>]
    ) throws(EvaluationError) -> BenchmarkAnnotations {
        let path = try folder.file("test.json")
        let text = try WholeFile.text(path, failing: EvaluationError.file)
        let list: [JSONValue]?
        do throws(JSONValue.ParseError) {
            list = try JSONValue(parsing: text).arrayValue
        } catch {
            throw .groundTruth("\(path): not valid JSON: \(error)")
        }
        guard let list else { throw .groundTruth("\(path): not a list of prompts") }
        var reader = AnnotationReader(path: path)
        var pairs: [BenchmarkAnnotations.Pair] = []
        for (index, entry) in list.enumerated() {
            let names = entry[images]?.arrayValue?.compactMap(\.stringValue) ?? []
            let imageRanks = entry[ranks]?.arrayValue?.compactMap(\.doubleValue) ?? []
            guard names.count >= 2, names.count == imageRanks.count else {
                reader.fail(
                    "entry \(index + 1) has no \"\(images)\" with as many numbers in \"\(ranks)\""
                )
                continue
            }
            let files = names.map { folder.media($0, under: [subfolder, ""]) }
            for first in files.indices {
                for second in files.indices[(first + 1)...] {
                    pairs.append(
                        .init(
                            first: files[first], second: files[second],
                            preference: imageRanks[first] == imageRanks[second]
                                ? .tie : imageRanks[first] < imageRanks[second] ? .first : .second,
                            group: String(index)))
                }
            }
        }
        return reader.annotations([
            .init(name: "Overall", answers: .pairs(pairs, metrics: metrics))
        ])
    }
}
