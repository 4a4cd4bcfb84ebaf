import ArgumentParser
import Reward

/// Options for bootstrapping from further generator outputs.
struct BootstrapOptions: ParsableArguments {
    private static var defaults: RankBootstrap { RankBootstrap() }

    @Option(
        name: .customLong("bootstrap"), parsing: .upToNextOption,
        help: ArgumentHelp(
            """
            Further outputs of the generator. A first head ranks them; the best become positives of \
            the next head, the worst negatives.
            """, valueName: "candidates"), completion: .paths)
    var candidates: [String] = []

    @Option(help: "Number of best candidates that become positives.")
    var top = defaults.top

    @Option(help: "Number of worst candidates that become negatives.")
    var bottom = defaults.bottom

    @Option(help: "The positive of rank r has the label exp(-alpha · (r - 1)).")
    var alpha = defaults.alpha

    @Option(help: "How often the candidates are ranked and a new head is trained.")
    var iterations = defaults.iterations

    func validate() throws {
        do { _ = try bootstrap() } catch { throw ValidationError("\(error)") }
    }

    /// The bootstrap settings; nil if there are no candidates.
    ///
    /// - Throws: `RewardError.badSetting`.
    func bootstrap() throws -> RankBootstrap? {
        guard !candidates.isEmpty else { return nil }
        var bootstrap = Self.defaults
        bootstrap.top = top
        bootstrap.bottom = bottom
        bootstrap.alpha = alpha
        bootstrap.iterations = iterations
        try bootstrap.validate()
        return bootstrap
    }
}
