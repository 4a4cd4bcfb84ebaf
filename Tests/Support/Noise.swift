public import Frames

/// Pseudo-random pixels `[height, width, 3]`, the same as those of the golden-value scripts for the
/// same size and seed. An even seed gives values 0...255, an odd seed only 0 and 255.
public func noise(width: Int, height: Int, seed: UInt32) -> [UInt8] {
    (0..<UInt32(width * height * 3)).map { position in
        var value = position &* 2_654_435_761 &+ seed
        value ^= value >> 15
        value &*= 2_246_822_519
        value ^= value >> 13
        let byte = UInt8(truncatingIfNeeded: value >> 8)
        return seed % 2 == 0 ? byte : byte < 128 ? 0 : 255
    }
}

/// A frame of `noise` for the same size and seed.
public func noiseFrame(width: Int, height: Int, seed: UInt32) -> Frame {
    Frame(width: width, height: height, pixels: noise(width: width, height: height, seed: seed))
}

/// CRC-32 as in zlib.
public func crc32(_ bytes: some Sequence<UInt8>) -> UInt32 {
    ~bytes.reduce(~0) { value, byte in
        checksums[Int((value ^ UInt32(byte)) & 0xFF)] ^ (value >> 8)
    }
}

private let checksums: [UInt32] = (0..<256).map { index in
    (0..<8).reduce(index) { value, _ in
        value & 1 == 1 ? 0xEDB8_8320 ^ (value >> 1) : value >> 1
    }
}
