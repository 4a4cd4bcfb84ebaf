public import ArgumentParser
public import Encoders
public import GANRM

extension PrecisionChoice: ExpressibleByArgument {}
extension ResultFormat: ExpressibleByArgument {}

extension Shard: ExpressibleByArgument {
    public init?(argument: String) { self.init(argument) }
}
