/// SplitMix64 (Steele, Lea, Flood 2014), which gives the same sequence on every machine and in the
/// scripts that generate golden values (`fixtures/python/splitmix.py`).
public struct SplitMix: RandomNumberGenerator {
    public var state: UInt64

    public init(state: UInt64) { self.state = state }

    public mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        return Self.mix(state)
    }

    public mutating func next32() -> UInt32 { UInt32(truncatingIfNeeded: next() >> 32) }

    public static func mix(_ state: UInt64) -> UInt64 {
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }

    /// FNV-1a hash of a name.
    public static func seed(_ name: String) -> UInt64 {
        name.utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    }

    /// Values of the tensor with this name, uniform in `offset - scale ..< offset + scale`.
    public static func numbers(
        _ name: String, count: Int, scale: Float, offset: Float = 0
    ) -> [Float] {
        var generator = SplitMix(state: seed(name))
        return (0..<count).map { _ in
            let unit = Float(generator.next() >> 40) * 0x1p-23 - 1
            // Rounded after each step, as NumPy does.
            let scaled = unit * scale
            return scaled + offset
        }
    }
}
