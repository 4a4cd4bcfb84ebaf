import ArgumentParser
import Reward

/// How further generator outputs become examples.
struct BootstrapOptions: ParsableArguments {
    private static var usual: RankBootstrap { RankBootstrap() }

    @Option(
        name: .customLong("bootstrap"), parsing: .upToNextOption,
        help: ArgumentHelp(
            """
            Further outputs of the generator. A first head ranks them, the best become positives of \
            the next and the worst negatives.
            """, valueName: "candidates"))
    var candidates: [String] = []

    @Option(help: "How many of the best become positives.")
    var top = usual.top

    @Option(help: "How many of the worst become negatives.")
    var bottom = usual.bottom

    @Option(help: "The positive of rank r has the label exp(-alpha · (r - 1)).")
    var alpha = usual.alpha

    @Option(help: "How often candidates are ranked and a head is trained on what follows.")
    var iterations = usual.iterations

    func validate() throws {
        do { _ = try bootstrap() } catch { throw ValidationError("\(error)") }
    }

    /// Nil if there is nothing to bootstrap from.
    ///
    /// - Throws: `RewardError.badSetting`.
    func bootstrap() throws -> RankBootstrap? {
        guard !candidates.isEmpty else { return nil }
        var bootstrap = Self.usual
        bootstrap.top = top
        bootstrap.bottom = bottom
        bootstrap.alpha = alpha
        bootstrap.iterations = iterations
        try bootstrap.validate()
        return bootstrap
    }
}
