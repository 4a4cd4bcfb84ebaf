extension Sequence where Element == UInt8 {
    /// Two lower-case hexadecimal digits per byte.
    package var hexadecimal: String {
        map { byte in
            let digits = String(byte, radix: 16)
            return byte < 16 ? "0" + digits : digits
        }.joined()
    }
}
