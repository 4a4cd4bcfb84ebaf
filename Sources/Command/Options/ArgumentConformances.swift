public import ArgumentParser
public import Distances
public import Encoders
public import Evaluation
public import Metrics
public import Pages
public import Pipeline
public import Preference
public import Reward
public import Scoring
public import Tokenizers

extension CandidateGrouping.Rule: ExpressibleByArgument {}
extension CLIPTokenizer.Variant: ExpressibleByArgument {}
extension CovarianceShrinkage: ExpressibleByArgument {}
extension FilePlacement: ExpressibleByArgument {}
extension FramePooling: ExpressibleByArgument {}
extension HeadArchitecture: ExpressibleByArgument {}
extension PageMediaMode: ExpressibleByArgument {}
extension PairPolicy: ExpressibleByArgument {}
extension PrecisionChoice: ExpressibleByArgument {}
extension RankFormat: ExpressibleByArgument {}
extension ResultFormat: ExpressibleByArgument {}
extension RowOrder: ExpressibleByArgument {}
extension SamplingOverrides.Kind: ExpressibleByArgument {}
extension SegmentFormat: ExpressibleByArgument {}
extension TrainingStrategy: ExpressibleByArgument {}

extension Shard: ExpressibleByArgument {
    public init?(argument: String) { self.init(argument) }
}

extension PreferenceBenchmark: ExpressibleByArgument {
    public init?(argument: String) { self.init(name: argument) }

    public var defaultValueDescription: String { name }
    public static var allValueStrings: [String] { all.map(\.name) }
}
