import Reward

/// How a head is trained: what one row of a table differs in from another.
struct Recipe {
    /// Which halves of a block's embedding the head sees.
    enum Part: String {
        case both = "CLS and mean"
        case classToken = "CLS only"
        case mean = "mean only"
    }

    var name: String
    var settings: TrainingSettings
    var blocks = [11]
    var part = Part.both
    /// Frames per clip; other numbers than 8 have no copies and no ladder.
    var frames = 8
    /// Kinds of the degraded copies that are trained on, and how many of each clip at most.
    var kinds = AblationData.trainedKinds
    var copiesPerClip = 0
    /// Nil: all proxies.
    var proxyLimit: Int?
    /// Takes a third of the generated clips' groups out of the training, as candidates.
    var bootstrap: RankBootstrap?
    var holdsCandidates = false

    /// The paper's recipe, but for block, steps and learning rate, which it does not give.
    static var paper: Recipe {
        var settings = TrainingSettings()
        settings.steps = 700
        settings.perturbedPerBatch = 2
        return Recipe(name: "the paper's head, block 11", settings: settings)
    }

    /// A copy under another name, changed.
    func with(_ name: String, _ change: (inout Recipe) -> Void) -> Recipe {
        var recipe = self
        recipe.name = name
        change(&recipe)
        return recipe
    }

    /// The columns of an embedding that the head sees.
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
    /// Of the default head, but for the folds.
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
