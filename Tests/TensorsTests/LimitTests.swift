import Foundation
import Tensors
import Testing
import TestSupport

/// Files whose objects take far more memory or time than their length is worth.
@Suite struct LimitTests {
    @Test(arguments: [
        // Tuples of tuples.
        "N" + String(repeating: "\u{85}", count: 1 << 21),
        // The same object in the memo at each place.
        "N" + String(repeating: "\u{94}", count: 1 << 20),
        String(repeating: "N", count: 2 << 20),
    ])
    func `a pickle of many small objects is refused`(pickle: String) throws {
        let found = try #require(try refusal(of: checkpoint(pickle + ".")))
        #expect(
            found.contains("more objects than its length allows")
                || found.contains("values on the stack"), "\(found)")
    }

    /// Lists that are passed to `OrderedDict` again and again would be copied each time.
    @Test func `items that are copied too often are refused`() throws {
        let pairs = String(repeating: "NN\u{86}", count: 20_000)
        let copies = String(repeating: "ccollections\nOrderedDict\nh\u{0}\u{85}R0", count: 20_000)
        let pickle = "](" + pairs + "eq\u{0}0" + copies + "."
        #expect(try refusal(of: checkpoint(pickle))?.contains("more objects") == true)
    }

    /// 1.2 MB that would take 10¹⁰ steps: a dictionary of integers that is visited by each name.
    @Test func `integer keys count as visits`() throws {
        var pickle = "}q\u{0}("
        for index in 0..<100_000 {
            pickle += "M" + Self.latin1(index & 0xff) + Self.latin1(index >> 8 & 0xff) + "N"
        }
        pickle += "u0}("
        for index in 0..<60_000 {
            pickle +=
                "X\u{3}\0\0\0" + String(String(index + 46_656, radix: 36).suffix(3)) + "h\u{0}"
        }
        #expect(try refusal(of: checkpoint(pickle + "u."))?.contains("without end") == true)
    }

    private static func latin1(_ byte: Int) -> String {
        String(Character(Unicode.Scalar(UInt8(byte))))
    }

    @Test func `a state dict of thousands of tensors is read`() throws {
        let function = "ctorch._utils\n_rebuild_tensor_v2\n"
        var pickle = "}("
        for index in 0..<20_000 {
            let name = String(format: "encoder.layer.%05d.weight", index)
            pickle += "X\(Character(Unicode.Scalar(UInt8(name.utf8.count))))\0\0\0\(name)"
            pickle += function
            pickle +=
                "((X\u{7}\0\0\0storagectorch\nFloatStorage\nX\u{1}\0\0\00X\u{3}\0\0\0cpuK\u{4}tQ"
            pickle +=
                "K\u{0}K\u{2}K\u{2}\u{86}K\u{2}K\u{1}\u{86}\u{89}ccollections\nOrderedDict\n)RtR"
        }
        #expect(try openWeights(checkpoint(pickle + "u.")).tensors.count == 20_000)
    }

    /// Graphs of 1 MiB of empty nodes, of empty tensors and of a node's empty inputs.
    @Test(arguments: [[0x0a, 0], [0x2a, 0]])
    func `an ONNX model of empty parts is refused`(part: [UInt8]) throws {
        let graph = Data((0..<1 << 20).flatMap { _ in part })
        let model = Data([0x08, 0x07, 0x3a]) + Self.varint(graph.count) + graph
        #expect(try refusal(of: model)?.contains("more nodes and names") == true)
    }

    private static func varint(_ value: Int) -> Data {
        var (value, bytes) = (value, Data())
        while value >= 0x80 {
            bytes.append(UInt8(value & 0x7f) | 0x80)
            value >>= 7
        }
        return bytes + [UInt8(value)]
    }

    @Test func `a safetensors entry of a hundred thousand values is refused`() throws {
        let shape = Array(repeating: "1", count: 100_000).joined(separator: ",")
        let header = #"{"a":{"dtype":"F32","shape":[\#(shape)],"data_offsets":[0,4]}}"#
        #expect(
            try refusal(of: safetensors(header, body: 4))?.contains("more values") == true)
    }

    @Test func `a safetensors header of a hundred thousand tensors is read`() throws {
        let entries = (0..<100_000).map {
            #""layer.\#($0)":{"dtype":"F32","shape":[1],"data_offsets":[\#(4 * $0),\#(4 * $0 + 4)]}"#
        }
        let file = try openWeights(
            safetensors("{" + entries.joined(separator: ",") + "}", body: 400_000))
        #expect(file.tensors.count == 100_000)
    }

    @Test func `a member that expands a hundred times is refused`() throws {
        var bytes = try Data(contentsOf: URL(fileURLWithPath: golden("deflated.zip")))
        let entry = try #require(bytes.range(of: Data([0x50, 0x4b, 1, 2])))
        // The declared length, at offset 24 of the directory's entry.
        bytes.replaceSubrange(
            entry.lowerBound + 24..<entry.lowerBound + 28, with: [0, 0, 0, 0x40])
        try withFile(bytes) { path in
            let archive = try ZipArchive(path: path)
            let member = try #require(archive["a/b.txt"])
            let error = #expect(throws: TensorError.self) {
                try archive.extract(member, failing: { $0 }) {
                    (_) throws(TensorError) in
                }
            }
            #expect(error?.description.contains("numbers do not shrink so far") == true)
        }
    }
}
