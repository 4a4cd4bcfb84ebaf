import Pipeline

extension PreferenceBenchmark {
    /// The test set of ImageReward: rankings of 4 to 9 images for 466 prompts.
    ///
    /// Source: THUDM/ImageReward, `test.py` and `data/test.json` at c1392c6; for the mean over prompts
    /// tgxs002/HPSv2, `hpsv2/evaluation.py` (`evaluate_IR`) at 866735e.
    static let imageReward = PreferenceBenchmark(
        name: "imagereward", title: "ImageReward test",
        published: [
            ("ImageReward", 0.6514), ("BLIP score", 0.5776), ("Aesthetic", 0.5735),
            ("CLIP score", 0.5482),
        ].map { model, accuracy in
            PublishedResult(
                model: model, dimension: "Overall", values: ["accuracy_without_ties": accuracy],
                source: "ImageReward, arXiv 2304.05977, table 3")
        }
            + PublishedResult.fromHPSv2README([
                "HPS v2.1": 0.668, "HPS v2": 0.657, "one person": 0.653, "ImageReward": 0.651,
                "PickScore": 0.629, "HPS": 0.612, "Aesthetic": 0.574,
            ])
    ) { (folder) throws(EvaluationError) in
        try RankedImages.read(
            folder, images: "generations", ranks: "ranking", subfolder: "test_images",
            metrics: [.accuracyWithoutTies, .meanAccuracy])
    }
}
