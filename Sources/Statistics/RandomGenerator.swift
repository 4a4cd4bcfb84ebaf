/// The random number generator xoshiro256**, whose sequences other implementations can reproduce.
///
/// The state is four outputs of SplitMix64 seeded with `seed ^ (stream * 0xD1342543DE82EF95)`. Each
/// purpose has its own stream, so that dropout, for example, does not change the order of the
/// examples. `fixtures/python/xoshiro.py` is the same generator in Python.
///
/// Source: David Blackman and Sebastiano Vigna, https://prng.di.unimi.it/xoshiro256starstar.c
package struct RandomGenerator: RandomNumberGenerator, Sendable, Codable {
    package enum Stream: UInt64 {
        case initialWeights = 1
        case order = 2
        case dropout = 3
        case split = 4
        /// Bootstrap resamples for confidence intervals.
        case resampling = 16
        /// Subsets of a kernel distance.
        case subsets = 17
        /// Degradation of copies.
        case degradation = 101
        /// Selection of a subset of preference pairs.
        case pairs = 102
        /// Selection of a study's pairs, and their sides.
        case study = 103
    }

    private var state: (UInt64, UInt64, UInt64, UInt64)

    package init(seed: UInt64, stream: Stream) {
        self.init(seed: seed, stream: stream.rawValue)
    }

    package init(seed: UInt64, stream: UInt64) {
        var mixer = seed ^ (stream &* 0xD134_2543_DE82_EF95)
        func mix() -> UInt64 {
            mixer &+= 0x9E37_79B9_7F4A_7C15
            var z = mixer
            z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
            return z ^ z >> 31
        }
        state = (mix(), mix(), mix(), mix())
    }

    package mutating func next() -> UInt64 {
        func rotate(_ x: UInt64, _ k: UInt64) -> UInt64 { x << k | x >> (64 - k) }
        let result = rotate(state.1 &* 5, 7) &* 9
        let t = state.1 << 17
        state.2 ^= state.0
        state.3 ^= state.1
        state.1 ^= state.2
        state.0 ^= state.3
        state.2 ^= t
        state.3 = rotate(state.3, 45)
        return result
    }

    package init(from decoder: any Decoder) throws {
        var words = try decoder.unkeyedContainer()
        state = (
            try words.decode(UInt64.self), try words.decode(UInt64.self),
            try words.decode(UInt64.self), try words.decode(UInt64.self)
        )
    }

    package func encode(to encoder: any Encoder) throws {
        var words = encoder.unkeyedContainer()
        for word in [state.0, state.1, state.2, state.3] { try words.encode(word) }
    }

    /// An integer in `0..<bound`: the high half of `next() * bound`.
    package mutating func below(_ bound: Int) -> Int {
        Int(next().multipliedFullWidth(by: UInt64(bound)).high)
    }

    /// A uniform value in `0..<1`, a multiple of 2⁻²⁴.
    package mutating func uniform() -> Float {
        Float(next() >> 40) * 0x1p-24
    }

    /// `count` different numbers of `0..<bound`, in random order: the start of a Fisher–Yates shuffle
    /// from the front.
    ///
    /// - Precondition: `count` is at most `bound`.
    package mutating func sample(_ count: Int, of bound: Int) -> [Int] {
        precondition(count <= bound)
        var numbers = Array(0..<bound)
        for i in 0..<count { numbers.swapAt(i, i + below(bound - i)) }
        return Array(numbers.prefix(count))
    }

    /// Fisher–Yates shuffle, from the end.
    package mutating func shuffle<Element>(_ elements: inout [Element]) {
        for i in stride(from: elements.count - 1, to: 0, by: -1) {
            elements.swapAt(i, below(i + 1))
        }
    }
}
