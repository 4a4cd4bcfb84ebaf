import Reward

/// The configuration of a training: one row of a table.
struct Recipe {
    /// The halves of a block's embedding that the head uses.
    enum Part: String {
        case both = "CLS and mean"
        case classToken = "CLS only"
        case mean = "mean only"
    }

    var name: String
    var settings: TrainingSettings
    var blocks = [11]
    var part = Part.both
    /// Frames per clip. There are copies and a ladder for 8 only.
    var frames = 8
    /// Kinds of degradation in the training.
    var kinds = AblationData.trainedKinds
    /// Maximum number of degraded copies per clip in the training.
    var copiesPerClip = 0
    /// Maximum number of proxy clips; nil uses all.
    var proxyLimit: Int?
    var bootstrap: RankBootstrap?
    /// Whether a third of the generated clips' groups is removed from the training, as candidates.
    var holdsCandidates = false

    /// The paper's recipe, except for block, steps and learning rate, which the paper does not
    /// specify.
    static var paper: Recipe {
        var settings = TrainingSettings()
        settings.steps = 700
        settings.degradedPerBatch = 2
        return Recipe(name: "the paper's head, block 11", settings: settings)
    }

    /// A modified copy with another name.
    func with(_ name: String, _ change: (inout Recipe) -> Void) -> Recipe {
        var recipe = self
        recipe.name = name
        change(&recipe)
        return recipe
    }

    /// The columns of an embedding that the head uses.
    func view(_ embedding: [Float]) -> [Float] {
        let width = frames == 8 ? embedding.count / AblationData.blocks.count : embedding.count
        let starts =
            frames == 8
            ? blocks.compactMap { AblationData.blocks.firstIndex(of: $0) }.map { $0 * width } : [0]
        return starts.flatMap { start in
            switch part {
            case .both: embedding[start..<start + width]
            case .classToken: embedding[start..<start + width / 2]
            case .mean: embedding[start + width / 2..<start + width]
            }
        }
    }
}

extension TrainingSettings {
    /// The settings of the default head, except for its folds.
    static var linear: TrainingSettings {
        var settings = TrainingSettings()
        settings.architecture = .linear
        settings.standardizesEmbeddings = true
        settings.learningRate = 3e-4
        settings.warmUpSteps = 100
        settings.steps = 400
        return settings
    }
}
