public import ArgumentParser
public import Encoders
public import GANRM
public import Reward

extension HeadArchitecture: ExpressibleByArgument {}
extension PrecisionChoice: ExpressibleByArgument {}
extension ResultFormat: ExpressibleByArgument {}
extension TrainingStrategy: ExpressibleByArgument {}

extension Shard: ExpressibleByArgument {
    public init?(argument: String) { self.init(argument) }
}
