import Foundation
import Files
import Reward

extension PreferenceBenchmark {
    /// T2VQA-DB: mean opinion scores of 10,000 videos from nine generators.
    ///
    /// Source: QMME/T2VQA, `dataset/dataset.py` and `test.py` at 73c68ec.
    static let t2vqa = PreferenceBenchmark(
        name: "t2vqa", title: "T2VQA-DB", published: [], read: readT2VQA)

    @Sendable private static func readT2VQA(
        _ folder: BenchmarkFolder
    ) throws(EvaluationError) -> BenchmarkAnnotations {
        let path = try folder.file("info.txt")
        var reader = AnnotationReader(path: path)
        var ratings: [GroundTruth.Rating] = []
        for (number, line) in try LineReader.lines(of: path, failing: EvaluationError.file) {
            let fields = line.utf8
                .split(separator: UInt8(ascii: "|"), omittingEmptySubsequences: false)
                .map { Substring($0).trimmingCharacters(in: .whitespaces) }
            // test.py expects one more field before the score, which it does not use.
            guard (3...4).contains(fields.count), !fields[0].isEmpty else {
                reader.fail(line: number, "not of the form file|prompt|score")
                continue
            }
            guard let rating = Double(fields[fields.count - 1]), Score.isWithinLimit(rating) else {
                reader.fail(line: number, "the score of '\(fields[0])' is not a number")
                continue
            }
            ratings.append(
                .init(
                    input: folder.media(fields[0], under: ["", "videos", "video"]),
                    rating: rating, prompt: fields[1]))
        }
        return reader.annotations([.init(name: "MOS", answers: .ratings(ratings))])
    }
}
