/// One part of a list that several machines process: inputs `index`, `index + count`, ….
public struct Shard: Sendable, Hashable {
    /// Index of the shard, from 0.
    public let index: Int
    /// Number of shards.
    public let count: Int

    /// Parses `I/N`; nil unless 0 ≤ I < N.
    public init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let index = Int(parts[0]), let count = Int(parts[1]),
            0 <= index, index < count
        else { return nil }
        self.index = index
        self.count = count
    }

    public func contains(position: Int) -> Bool { position % count == index }
}

extension Shard: CustomStringConvertible {
    public var description: String { "\(index)/\(count)" }
}
