import Files
import Testing

@Suite struct CheckedArithmeticTests {
    @Test func `a sum or product that overflows is nil`() {
        #expect(Checked.sum(1, 2, 3) == 6)
        #expect(Checked.sum(.max, 1) == nil)
        #expect(Checked.sum(.min, -1) == nil)
        #expect(Checked.sum(1, nil) == nil)
        #expect(Checked.product(2, 3, 4) == 24)
        #expect(Checked.product(1 << 62, 2) == nil)
        #expect(Checked.product(.min, -1) == nil)
        #expect(Checked.product(.max, 2, 0) == nil)
        #expect(Checked.product(of: []) == 1)
    }

    @Test(arguments: [
        (Double.nan, nil), (.infinity, nil), (-.infinity, nil), (1e308, nil), (0x1p63, nil),
        (-0x1p63, Int.min), (0x1p62, 1 << 62), (-0.0, 0), (1e-320, 0), (2.9, 2), (-2.9, -2),
    ])
    func `a number becomes an integer only if it fits`(number: Double, integer: Int?) {
        #expect(Int(truncating: number) == integer)
    }

    @Test func `no memory is available for impossible sizes`() {
        #expect(Memory.isAvailable(0))
        #expect(Memory.isAvailable(1 << 22))
        #expect(!Memory.isAvailable(nil))
        #expect(!Memory.isAvailable(-1))
        #expect(!Memory.isAvailable(.max))
        #expect(!Memory.isAvailable(1 << 60))
    }
}
