import Dispatch
import Reward
import Statistics
import Synchronization
import Training

/// Cross-validation of a recipe: 5 folds by repository, for several seeds.
struct Trial {
    static let folds = 5

    let name: String
    /// Held-out logits, `[seeds][clips]`; negated ranks for voting ensembles.
    let logits: [[Double]]
    /// The fold in which each clip was held out, `[seeds][clips]`.
    let folds: [[Int]]
    /// Pairwise accuracy on the ladder by kind, `[clips of the ladder]`, averaged over the seeds.
    let ladder: [String: [Double]]

    /// Runs all trainings of a recipe in parallel.
    init(_ recipe: Recipe, _ data: AblationData, seeds: Range<UInt64>) {
        let clips = recipe.frames == 8 ? data.clips : data.byFrames[recipe.frames] ?? []
        let places = Dictionary(
            uniqueKeysWithValues: clips.enumerated().map { ($1.path, $0) })
        let ladderPaths = data.clips.map(\.path).filter { data.ladder[$0] != nil }
        struct Tables {
            var logits: [[Double]]
            var folds: [[Int]]
            var ladder: [String: [Double]] = [:]
        }
        let empty = Array(repeating: 0.0, count: clips.count)
        let tables = Mutex(
            Tables(
                logits: seeds.map { _ in empty },
                folds: seeds.map { _ in Array(repeating: 0, count: clips.count) }))
        for kind in AblationData.ladderKinds where recipe.frames == 8 {
            tables.withLock { $0.ladder[kind] = ladderPaths.map { _ in 0 } }
        }
        let jobs = seeds.flatMap { seed in (0..<Self.folds).map { (seed, $0) } }
        DispatchQueue.concurrentPerform(iterations: jobs.count) { job in
            let (seed, fold) = jobs[job]
            let split = Self.split(recipe, clips, data, seed: seed)
            let part = split.parts[fold]
            let ensemble = Self.train(recipe, part, data, seed: seed)
            let scores = ensemble.scores(of: part.validation)
            var values = scores.map { $0.logit }
            if ensemble.isVoting {
                for (rank, index) in ensemble.order(scores).enumerated() {
                    values[index] = -Double(rank)
                }
            }
            let row = Int(seed - seeds.lowerBound)
            tables.withLock { tables in
                for (example, value) in zip(part.validation, values) {
                    guard let place = example.name.flatMap({ places[$0] }) else { continue }
                    tables.logits[row][place] = value
                    tables.folds[row][place] = fold
                }
            }
            guard recipe.frames == 8 else { return }
            let heldOut = Set(part.validation.compactMap(\.name))
            for (place, path) in ladderPaths.enumerated() where heldOut.contains(path) {
                guard let rungs = data.ladder[path] else { continue }
                let shares = Self.shares(rungs, ensemble, recipe)
                tables.withLock { tables in
                    for (kind, share) in shares {
                        tables.ladder[kind]?[place] += share / Double(seeds.count)
                    }
                }
            }
        }
        name = recipe.name
        (logits, folds, ladder) = tables.withLock { ($0.logits, $0.folds, $0.ladder) }
    }

    /// The folds for a seed, which are the same for all recipes.
    private static func split(
        _ recipe: Recipe, _ clips: [Clip], _ data: AblationData, seed: UInt64
    ) -> HeadTraining {
        var settings = TrainingSettings()
        settings.folds = folds
        settings.seed = seed
        let examples = clips.map { clip in
            Example(
                embedding: recipe.view(clip.embedding), label: clip.isProxy ? 1 : 0,
                group: clip.group, name: clip.path)
        }
        do { return try HeadTraining(settings: settings, examples: examples) } catch {
            fatalError("\(error)")
        }
    }

    private static func train(
        _ recipe: Recipe, _ part: HeadTraining.Split, _ data: AblationData, seed: UInt64
    ) -> HeadEnsemble {
        var settings = recipe.settings
        settings.seed = seed
        var training = part.training
        if let limit = recipe.proxyLimit {
            // A prefix of a seeded order, so that larger limits contain smaller ones.
            var generator = RandomGenerator(seed: seed, stream: 77)
            var proxies = training.filter(\.isProxy)
            generator.shuffle(&proxies)
            training = proxies.prefix(limit) + training.filter { !$0.isProxy }
        }
        var candidates: [Example] = []
        if recipe.holdsCandidates {
            let groups = Set(training.filter { !$0.isProxy }.compactMap(\.group)).sorted()
            let held = Set(groups.enumerated().filter { $0.offset % 3 == 0 }.map(\.element))
            candidates = training.filter { !$0.isProxy && held.contains($0.group ?? "") }
            training.removeAll { !$0.isProxy && held.contains($0.group ?? "") }
        }
        training += training.flatMap { original in
            let copies = data.copies[original.name ?? ""] ?? []
            return copies.filter { recipe.kinds.contains($0.damage?.kind ?? "") }
                .prefix(recipe.copiesPerClip).map { copy in
                    let share = 1 - Double(copy.damage?.strength ?? 0) / 5
                    return Example(
                        embedding: recipe.view(copy.embedding), label: original.label * share,
                        isProxy: original.isProxy, group: original.group, isDegraded: true,
                        original: original.name)
                }
        }
        do {
            return try HeadTraining(
                settings: settings, examples: training, validation: part.validation,
                bootstrap: recipe.bootstrap, candidates: recipe.bootstrap == nil ? [] : candidates
            ).run().ensemble
        } catch { fatalError("\(recipe.name): \(error)") }
    }

    /// Pairwise accuracy on one clip's degraded copies, by kind; ties count half.
    private static func shares(
        _ rungs: [Clip], _ ensemble: HeadEnsemble, _ recipe: Recipe
    ) -> [String: Double] {
        let logits = ensemble.logits(
            of: rungs.map { Example(embedding: recipe.view($0.embedding), label: 0) })
        let clean = zip(rungs, logits).first { $0.0.damage?.strength == 0 }?.1 ?? 0
        var shares: [String: Double] = [:]
        for kind in AblationData.ladderKinds {
            let steps = zip(rungs, logits)
                .filter { $0.0.damage?.kind == kind && ($0.0.damage?.strength ?? 0) > 0 }
                .sorted { ($0.0.damage?.strength ?? 0) < ($1.0.damage?.strength ?? 0) }
                .map(\.1)
            let values = [clean] + steps
            var right = 0.0
            var count = 0.0
            for (milder, value) in values.enumerated() {
                for worse in values[(milder + 1)...] {
                    right += value > worse ? 1 : value == worse ? 0.5 : 0
                    count += 1
                }
            }
            shares[kind] = right / count
        }
        return shares
    }
}
