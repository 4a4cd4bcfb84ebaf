import Pipeline

extension PreferenceBenchmark {
    /// The test set of HPD v2: rankings of the images of a prompt.
    ///
    /// Source: tgxs002/HPSv2, `README.md`, `hpsv2/evaluation.py` (`evaluate_rank`) and
    /// `hpsv2/src/training/data.py` (`RankingDataset`) at 866735e.
    static let hpdv2 = PreferenceBenchmark(
        name: "hpdv2", title: "HPD v2 test",
        published: PublishedResult.fromHPSv2README([
            "HPS v2.1": 0.841, "HPS v2": 0.833, "PickScore": 0.798, "one person": 0.781,
            "HPS": 0.776, "Aesthetic": 0.768, "ImageReward": 0.740,
        ])
    ) { (folder) throws(EvaluationError) in
        try RankedImages.read(
            folder, images: "image_path", ranks: "rank", subfolder: "test",
            metrics: [.meanInversionAccuracy])
    }
}
