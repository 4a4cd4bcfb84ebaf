import Foundation
import Tensors
import Testing
import TestSupport

/// Pickles that PyTorch would never write, in an otherwise valid checkpoint.
@Suite struct PickleTests {
    /// An array of NumPy before its state, and a type.
    private static let array =
        "cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\n\u{85}R"
    private static let float = "cnumpy\ndtype\nX\u{2}\0\0\0f4\u{85}R"

    @Test(arguments: [
        ("cposix\nsystem\n(X\u{2}\0\0\0lst\u{85}R.", "posix.system"),
        ("cbuiltins\neval\n.", "builtins.eval"),
        ("ctorch\nFloatStorage\n).", "without tensors"),
        ("ctorch\nFloatStorage\n)R.", "a call of a type"),
        ("I1\n.", "instruction 73"),
        (".", "an empty stack"),
        ("(.", "an empty stack"),
        ("t.", "no mark"),
        ("(t", "cut off"),
        ("h\u{5}.", "nothing remembered as 5"),
        ("]N", "cut off"),
        ("Na.", "an empty stack"),
        ("NNa.", "no list to append to"),
        ("X\u{7f}\u{7f}\u{7f}\u{7f}a.", "a text past the end"),
        ("}(Nu.", "a key without a value"),
        ("(NNNtQ.", "a storage without type and key"),
        (
            "ctorch._utils\n_rebuild_tensor_v2\n(NK\u{0}))tR.",
            "a tensor without storage and offset"
        ),
        ("cnumpy\nload\n.", "numpy.load"),
        ("cnumpy\nndarray\n)R.", "a call of a type"),
        ("cnumpy\ndtype\n)R.", "a type without a name"),
        ("cnumpy\ndtype\nX\u{3}\0\0\0<U9\u{85}R.", "of the type '<U9'"),
        ("cnumpy\ndtype\nX\u{2}\0\0\0f4\u{85}RK\u{3}X\u{1}\0\0\0>\u{86}b.", "not little-endian"),
        ("cnumpy.core.multiarray\n_reconstruct\n)R.", "an array of no class"),
        ("\(Self.array)N\u{85}b.", "an array without shape, type and elements"),
        // 4 bytes for a shape of 2, and a text for the elements.
        ("\(Self.array)(K\u{1}K\u{2}\u{85}\(Self.float)\u{89}C\u{4}abcdtb.", "[2] with 4 bytes"),
        (
            "\(Self.array)(K\u{1}K\u{1}\u{85}\(Self.float)\u{89}U\u{4}abcdtb.",
            "does not consist of numbers"
        ),
        ("c_codecs\nencode\nX\u{1}\0\0\0aX\u{3}\0\0\0rot\u{86}R.", "other than latin1"),
        // An array whose state does not come has no elements.
        ("}X\u{1}\0\0\0w\(Self.array)s.", "it has no elements"),
    ])
    func `a pickle that is not a checkpoint is refused`(pickle: String, reason: String) throws {
        let found = try #require(try refusal(of: checkpoint(pickle)))
        #expect(found.contains(reason), "\(found)")
    }

    /// A pickle beside which there is no archive, as of Q16.
    @Test(arguments: [
        ("cposix\nsystem\n(X\u{2}\0\0\0lst\u{85}R.", "posix.system"),
        ("K\u{1}.", "nor an array of NumPy"),
        (".", "an empty stack"),
    ])
    func `a pickle that is no array is refused`(pickle: String, reason: String) throws {
        let found = try #require(
            try refusal(of: Data([0x80, 3]) + latin1(Data(pickle.utf8))))
        #expect(found.contains(reason), "\(found)")
    }

    /// Views of a storage of 4 floats: offset, length and stride in elements, one byte each.
    @Test(arguments: [(0, 5, 1), (1, 4, 1), (0, 2, 4), (4, 1, 1), (255, 255, 255)])
    func `a view past the end of its storage is refused`(
        offset: Int, length: Int, stride: Int
    ) throws {
        let found = try refusal(of: tensorCheckpoint(offset, [length], [stride]))
        #expect(found?.contains("does not fit") == true)
    }

    @Test func `a view within its storage is read`() throws {
        let file = try openWeights(tensorCheckpoint(1, [2], [2]))
        #expect(file.tensors["w"]?.shape == [2])
        #expect(file.tensors["w"]?.floats() == [1, 3])
    }

    /// `torch.load` reads them too: the stride of an axis of length 1 has no meaning.
    @Test(arguments: [
        ([2, 1], [2, Int.max]), ([1, 2], [Int.max, 2]), ([1, 2, 1], [.max, 2, .max]),
    ])
    func `the stride of an axis of length 1 may be anything`(shape: [Int], strides: [Int]) throws {
        let file = try openWeights(tensorCheckpoint(1, shape, strides))
        #expect(file.tensors["w"]?.floats() == [1, 3])
    }

    @Test(arguments: [
        (1, [2], [Int.max]), (.max, [2], [1]), (0, [3, 2], [.max / 2, 1]), (.max, [1], [.max]),
    ])
    func `offsets and strides near 2^63 are refused`(
        offset: Int, shape: [Int], strides: [Int]
    ) throws {
        let found = try refusal(of: tensorCheckpoint(offset, shape, strides))
        #expect(found?.contains("does not fit") == true)
    }

    @Test(arguments: [[Int.max], [Int.max, 0], [1 << 32, 1 << 32], [1 << 62, 2, 0]])
    func `shapes near 2^63 are refused`(shape: [Int]) throws {
        let found = try refusal(
            of: tensorCheckpoint(0, shape, Array(repeating: 1, count: shape.count)))
        #expect(found?.contains("impossible shape") == true)
    }

    @Test func `a million nested lists do not overflow the stack`() throws {
        let nested =
            String(repeating: "]", count: 1_000_000)
            + String(repeating: "a", count: 999_999) + "."
        #expect(try refusal(of: checkpoint(nested)) == "is a PyTorch checkpoint without tensors")
    }

    @Test func `a dictionary that contains itself is refused`() throws {
        let found = try refusal(of: checkpoint("}q\u{0}X\u{1}\0\0\0ah\u{0}s."))
        #expect(found?.contains("without end") == true)
    }

    @Test func `dictionaries that double at each level are refused`() throws {
        var pickle = "}q\u{0}"
        for level in 1...30 {
            let inner = Unicode.Scalar(UInt8(level - 1))
            pickle += "}q\(Unicode.Scalar(UInt8(level)))"
            pickle += "(X\u{1}\0\0\0ah\(inner)X\u{1}\0\0\0bh\(inner)u"
        }
        #expect(try refusal(of: checkpoint(pickle + "."))?.contains("without end") == true)
    }

    /// A checkpoint with one view of a storage with the floats 0, 1, 2 and 3.
    private func tensorCheckpoint(_ offset: Int, _ shape: [Int], _ strides: [Int]) -> Data {
        func integer(_ value: Int) -> [UInt8] {
            [0x8a, 8] + withUnsafeBytes(of: value.littleEndian, Array.init)
        }
        func tuple(_ values: [Int]) -> [UInt8] {
            Array("(".utf8) + values.flatMap(integer) + Array("t".utf8)
        }
        var pickle = Data("}X\u{1}\0\0\0wctorch._utils\n_rebuild_tensor_v2\n((".utf8)
        pickle += Data("X\u{7}\0\0\0storagectorch\nFloatStorage\nX\u{1}\0\0\0".utf8)
        pickle += Data("0X\u{3}\0\0\0cpuK\u{4}tQ".utf8)
        pickle += integer(offset) + tuple(shape) + tuple(strides) + Data("N}tRs.".utf8)
        let elements: [Float] = [0, 1, 2, 3]
        return storedArchive([
            ("tiny/data.pkl", Data([0x80, 2]) + pickle),
            ("tiny/data/0", elements.withUnsafeBytes { Data($0) }),
        ])
    }
}
