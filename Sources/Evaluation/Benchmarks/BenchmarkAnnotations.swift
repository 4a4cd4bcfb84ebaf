import OrderedCollections
public import Pipeline
import TextFormats

/// Human annotations of a benchmark's videos or images.
public struct BenchmarkAnnotations: Sendable {
    /// Two samples and the annotators' preference.
    struct Pair: Sendable, Hashable {
        let first: String
        let second: String
        let preference: PairPreference
        /// The prompt or ranking of the pair.
        let group: String?
    }

    /// One annotated quality, such as motion quality or text alignment.
    struct Dimension: Sendable {
        enum Answers: Sendable {
            case pairs([Pair], metrics: [AgreementMetric<ScoredPair>])
            case ratings([GroundTruth.Rating])
        }
        /// The benchmark's name for it: `Overall`, `VQ`, …
        let name: String
        let answers: Answers
    }

    /// The path of the annotation file.
    public let path: String
    let dimensions: [Dimension]
    /// Lines that could not be used.
    public let failures: [ScoreTable.Failure]

    /// The files to score, each once.
    public var inputs: [String] {
        let all = dimensions.flatMap { dimension in
            switch dimension.answers {
            case .pairs(let pairs, _): pairs.flatMap { [$0.first, $0.second] }
            case .ratings(let ratings): ratings.map(\.input)
            }
        }
        return OrderedSet(all.map { ByteString($0) }).map(\.text)
    }
}

/// The preferred sample of a pair.
enum PairPreference: Int, Sendable {
    case first = 1
    case tie = 0
    case second = -1
}

/// Collects the annotations of one file, and its errors with line numbers.
struct AnnotationReader {
    let path: String
    private(set) var failures: [ScoreTable.Failure] = []

    init(path: String) { self.path = path }

    mutating func fail(line: Int, _ reason: String) {
        failures.append(
            .init(input: "\(path):\(line)", reason: "\(path):\(line): \(reason)"))
    }

    mutating func fail(_ reason: String) {
        failures.append(.init(input: path, reason: "\(path): \(reason)"))
    }

    func annotations(_ dimensions: [BenchmarkAnnotations.Dimension]) -> BenchmarkAnnotations {
        BenchmarkAnnotations(path: path, dimensions: dimensions, failures: failures)
    }
}
