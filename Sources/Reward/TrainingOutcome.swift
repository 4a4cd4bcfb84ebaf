/// A training's heads and how they did.
public struct TrainingOutcome: Sendable {
    public let ensemble: HeadEnsemble
    public let figures: TrainingFigures
    /// The examples that were trained on, but for perturbed ones.
    public let seen: JudgedExamples
    /// The examples that were held out.
    public let validation: JudgedExamples
    /// The mean training loss of each step.
    public let lossCurve: [Double]
    /// How the head did in between; empty unless that could have ended the training.
    public let validationCurve: [ValidationPoint]

    public struct ValidationPoint: Codable, Sendable, Hashable {
        /// From 1.
        public let step: Int
        public let evaluation: Evaluation
    }

    init(
        ensemble: HeadEnsemble, figures: TrainingFigures, seen: JudgedExamples,
        validation: JudgedExamples, lossCurve: [Double], validationCurve: [ValidationPoint]
    ) {
        self.ensemble = ensemble
        var figures = figures
        figures.validation = validation.evaluation
        self.figures = figures
        self.seen = seen
        self.validation = validation
        self.lossCurve = lossCurve
        self.validationCurve = validationCurve
    }
}
