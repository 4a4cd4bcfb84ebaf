public import ArgumentParser
public import Encoders
public import GANRM
public import Preference
public import Reward

extension CandidateGrouping.Rule: ExpressibleByArgument {}
extension CovarianceShrinkage: ExpressibleByArgument {}
extension FilePlacement: ExpressibleByArgument {}
extension HeadArchitecture: ExpressibleByArgument {}
extension PageMedia: ExpressibleByArgument {}
extension PairPolicy: ExpressibleByArgument {}
extension PrecisionChoice: ExpressibleByArgument {}
extension RankFormat: ExpressibleByArgument {}
extension ResultFormat: ExpressibleByArgument {}
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
