import Reward

/// A table of docs/ablations.md; each row is compared with the first.
struct Table {
    var name: String
    var recipes: [Recipe]
    /// Kinds of the ladder with a column each, in addition to the mean over the trained kinds.
    var ladderKinds: [String] = []

    /// The table in Markdown.
    func markdown(_ trials: [Trial], _ metrics: TrialMetrics) -> String {
        var lines = [
            "| recipe | AUC | difference to the first row | ladder accuracy |"
                + ladderKinds.map { " \($0) |" }.joined(),
            "| --- | --- | --- | --- |" + ladderKinds.map { _ in " --- |" }.joined(),
        ]
        for (index, trial) in trials.enumerated() {
            let cells =
                [
                    trial.name, metrics.auc(trial),
                    index == 0 ? "" : metrics.difference(trial, to: trials[0]),
                    metrics.ladder(trial, AblationData.trainedKinds),
                ] + ladderKinds.map { metrics.ladder(trial, [$0]) }
            lines.append("| " + cells.joined(separator: " | ") + " |")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    static let all: [Table] = {
        let paper = Recipe.paper
        let linear = paper.with("linear, no copies") {
            $0.settings = .linear
            $0.settings.degradedPerBatch = 4
        }
        func pairs(_ weight: Double, copies: Int = 3) -> (inout Recipe) -> Void {
            { recipe in
                recipe.settings.pairWeight = weight
                recipe.copiesPerClip = copies
            }
        }
        func strategy(_ strategy: TrainingStrategy) -> Recipe {
            paper.with(strategy.rawValue) {
                $0.settings.strategy = strategy
                $0.holdsCandidates = true
                if strategy == .bootstrap { $0.bootstrap = bootstrap(10, 0.05) }
            }
        }
        func bootstrap(_ k: Int, _ alpha: Double) -> RankBootstrap {
            var bootstrap = RankBootstrap()
            bootstrap.top = k
            bootstrap.bottom = k
            bootstrap.alpha = alpha
            return bootstrap
        }
        func ranked(_ k: Int, _ alpha: Double) -> Recipe {
            paper.with("K = \(k), α = \(alpha)") {
                $0.holdsCandidates = true
                $0.bootstrap = bootstrap(k, alpha)
            }
        }
        let best = linear.with("linear, pairs λ = 0.3, 3 copies, blocks 6 and 11") { recipe in
            pairs(0.3)(&recipe)
            recipe.blocks = [6, 11]
        }
        return [
            Table(
                name: "blocks",
                recipes: [[12], [11], [10], [9], [8], [6], [4], [2], [6, 11], [9, 11]].map {
                    blocks in
                    paper.with(blocks.map(String.init).joined(separator: " and ")) {
                        $0.blocks = blocks
                    }
                }),
            Table(
                name: "proxies",
                recipes: [paper.with("all (176 per fold)") { _ in }]
                    + [100, 50, 25].map { (count: Int) in
                        paper.with("\(count)") { $0.proxyLimit = count }
                    }),
            Table(
                name: "strategies", recipes: [.naive, .average, .voting, .bootstrap].map(strategy)),
            Table(
                name: "bootstrapping",
                recipes: [strategy(.naive).with("no bootstrapping") { _ in }]
                    + [
                        ranked(10, 0), ranked(10, 0.05), ranked(10, 0.2), ranked(5, 0.05),
                        ranked(20, 0.05),
                    ]),
            Table(
                name: "parts",
                recipes: [Recipe.Part.both, .classToken, .mean].map { part in
                    paper.with(part.rawValue) { $0.part = part }
                }),
            Table(
                name: "architecture",
                recipes: [
                    paper.with("full head") { _ in },
                    paper.with("without BatchNorm") { $0.settings.architecture = .noNorm },
                    paper.with("without residual") { $0.settings.architecture = .noResidual },
                    linear.with("last layer only (linear)") { _ in },
                ]),
            Table(
                name: "frames",
                recipes: [8, 1, 2, 4].map { frames in
                    paper.with("\(frames)") { $0.frames = frames }
                }),
            Table(
                name: "steps",
                recipes: [700, 300, 2000].map { steps in
                    paper.with("\(steps)") {
                        $0.settings.steps = steps
                        $0.settings.warmUpSteps = min(500, steps / 2)
                    }
                }),
            Table(
                name: "copies",
                recipes: [
                    paper.with("rpl, no copies") { _ in },
                    paper.with("rpl, soft labels, 3 copies") { $0.copiesPerClip = 3 },
                    paper.with("rpl, pairs λ = 0.1, 3 copies", pairs(0.1)),
                    paper.with("rpl, pairs λ = 0.3, 3 copies", pairs(0.3)),
                    linear,
                    linear.with("linear, pairs λ = 0.1, 3 copies", pairs(0.1)),
                    linear.with("linear, pairs λ = 0.3, 3 copies", pairs(0.3)),
                    linear.with("linear, pairs λ = 0.3, 1 copy", pairs(0.3, copies: 1)),
                    linear.with("linear, pairs λ = 0.2, 3 copies", pairs(0.2)),
                    linear.with("linear, soft labels, 3 copies") { $0.copiesPerClip = 3 },
                    linear.with("linear, pairs λ = 0.6, 3 copies", pairs(0.6)),
                    best,
                    best.with("linear, pairs λ = 0.1, 3 copies, blocks 6 and 11", pairs(0.1)),
                    best.with("linear, pairs λ = 0.2, 3 copies, blocks 6 and 11", pairs(0.2)),
                    best.with("linear, pairs λ = 0.6, 3 copies, blocks 6 and 11", pairs(0.6)),
                    best.with("linear, pairs λ = 0.3, 3 copies, block 6") { $0.blocks = [6] },
                    best.with("linear, no copies, blocks 6 and 11") { $0.copiesPerClip = 0 },
                    best.with("linear, pairs λ = 0.3, 3 copies, blocks 6, 9 and 11") {
                        $0.blocks = [6, 9, 11]
                    },
                ], ladderKinds: AblationData.ladderKinds),
            Table(
                name: "unseen",
                recipes: [best.with("all kinds") { _ in }]
                    + AblationData.trainedKinds.map { kind in
                        best.with("without \(kind)") { $0.kinds.removeAll { $0 == kind } }
                    }, ladderKinds: AblationData.trainedKinds),
        ]
    }()
}
