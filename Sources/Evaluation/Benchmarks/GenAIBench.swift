import Files
import TextFormats

extension PreferenceBenchmark {
    /// GenAI-Arena votes on pairs of videos (configuration `video_generation`).
    ///
    /// Source: TIGER-AI-Lab/GenAI-Bench, `inference.py`, `inference_configs.json` and `genaibench/utils.py` at
    /// f0b0334.
    static let genAIBench = PreferenceBenchmark(
        name: "genai-bench", title: "GenAI-Bench, video generation",
        published: genAIBenchResults, read: readGenAIBench)

    private static let preferencesByVote: [String: PairPreference] = [
        "leftvote": .first, "rightvote": .second, "tievote": .tie, "bothbad_vote": .tie,
    ]

    @Sendable private static func readGenAIBench(
        _ folder: BenchmarkFolder
    ) throws(EvaluationError) -> BenchmarkAnnotations {
        let path = try folder.file("test.jsonl", "test_v1.jsonl")
        var reader = AnnotationReader(path: path)
        var pairs: [BenchmarkAnnotations.Pair] = []
        // Local path → URL, to detect two videos that map to the same file.
        var urls: [ByteString: String] = [:]
        for (number, line) in try LineReader.lines(of: path, failing: EvaluationError.file) {
            let row = try? JSONValue(parsing: line)
            let videos = ["left_video", "right_video"].compactMap { row?[$0]?.stringValue }
            guard videos.count == 2, let vote = row?["vote_type"]?.stringValue else {
                reader.fail(
                    line: number,
                    "no JSON object with the texts left_video, right_video and vote_type")
                continue
            }
            guard let preference = preferencesByVote[vote] else {
                reader.fail(
                    line: number,
                    "the vote_type '\(vote)' is none of leftvote, rightvote, tievote, bothbad_vote"
                )
                continue
            }
            let files = videos.map { file(of: $0, in: folder) }
            let collision = zip(files, videos).first { file, video in
                let known = urls[file, default: video]
                urls[file] = known
                return !known.hasSameBytes(as: video)
            }
            if let collision {
                reader.fail(
                    line: number,
                    "'\(collision.0)' would be two videos; keep the folders of their URLs")
                continue
            }
            pairs.append(
                .init(
                    first: files[0], second: files[1], preference: preference,
                    group: row?["prompt"]?.stringValue))
        }
        return reader.annotations([
            .init(
                name: "Overall",
                answers: .pairs(pairs, metrics: [.accuracyWithoutTies, .accuracyWithTies]))
        ])
    }

    /// The local path of a video that is named by its URL on the Hugging Face hub: its path in the
    /// repository, or its file name alone, as in GenAI-Bench's own cache.
    private static func file(of url: String, in folder: BenchmarkFolder) -> String {
        let components = PathName.components(of: url)
        let name = components.last ?? url
        guard let root = components.firstIndex(where: { $0 == "blob" || $0 == "resolve" }),
            root + 2 < components.count
        else {
            return folder.media(url.contains("://") ? name : url, under: ["", "videos"])
        }
        // …/blob/REVISION/PATH
        return folder.media(
            components[(root + 2)...].joined(separator: "/"), name, under: ["", "videos"])
    }

    private static let genAIBenchResults = [
        ("VideoScore", 0.720, 0.490), ("VideoReward", 0.728, 0.494),
        ("VisionReward", 0.724, 0.525), ("UnifiedReward", 0.686, 0.458),
        ("UnifiedReward-Think", 0.709, 0.548),
    ].map { model, withoutTies, withTies in
        PublishedResult(
            model: model, dimension: "Overall",
            values: ["accuracy_without_ties": withoutTies, "accuracy_with_ties": withTies],
            source: "DeScore, arXiv 2605.05922, split test")
    }
}
