extension Float {
    /// Converts the bits of an IEEE 754 binary16 value. (`Float16` is not available on Intel Macs.)
    package init(float16Bits: UInt16) {
        let sign = UInt32(float16Bits & 0x8000) << 16
        let exponent = UInt32(float16Bits >> 10) & 0x1f
        let fraction = UInt32(float16Bits & 0x3ff)
        switch (exponent, fraction) {
        case (0, _):
            // Zero or subnormal: fraction · 2⁻²⁴, which is exact.
            let magnitude = Float(fraction) * 0x1p-24
            self = sign == 0 ? magnitude : -magnitude
        case (0x1f, _):
            self = Float(bitPattern: sign | 0x7f80_0000 | fraction << 13)
        default:
            self = Float(bitPattern: sign | (exponent + 112) << 23 | fraction << 13)
        }
    }

    /// Bits of the nearest binary16 value, ties to even, as PyTorch's `.half()`.
    package var float16Bits: UInt16 {
        let sign = UInt16(truncatingIfNeeded: bitPattern >> 16) & 0x8000
        let magnitude = self.magnitude
        if isNaN { return sign | 0x7e00 }
        if magnitude >= 65520 { return sign | 0x7c00 }
        if magnitude < 0x1p-14 {
            return sign | UInt16((magnitude * 0x1p24).rounded(.toNearestOrEven))
        }
        // Re-bias the exponent and round off the lower 13 bits, ties to even.
        let bits = magnitude.bitPattern - 112 << 23
        let rounded = bits + 0xfff + (bits >> 13 & 1)
        return sign | UInt16(rounded >> 13)
    }
}
