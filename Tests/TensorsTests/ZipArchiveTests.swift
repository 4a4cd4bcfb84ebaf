import Foundation
import Tensors
import Testing

@Suite struct ZipArchiveTests {
    static let content = Data((0..<5000).map(String.init).joined(separator: " ").utf8)

    @Test(arguments: [("stored.zip", ZipArchive.Method.stored), ("deflated.zip", .deflated)])
    func `a member comes out as Python's zipfile packed it`(
        name: String, method: ZipArchive.Method
    ) throws {
        let archive = try ZipArchive(path: golden(name))
        #expect(archive.names == ["a/b.txt"])
        let member = try #require(archive["a/b.txt"])
        #expect(member.method == method)
        #expect(try extract(member, from: archive) == Self.content)
    }

    @Test(arguments: ["stored.zip", "deflated.zip"])
    func `a flipped bit in a member is noticed`(name: String) throws {
        let whole = try Data(contentsOf: URL(fileURLWithPath: golden(name)))
        let member = try #require(try ZipArchive(path: golden(name))["a/b.txt"])
        for place in stride(from: member.range.lowerBound, to: member.range.upperBound, by: 97) {
            var damaged = whole
            damaged[place] ^= 0x10
            try withFile(damaged) { path in
                let archive = try ZipArchive(path: path)
                #expect(throws: TensorError.self) { try extract(member, from: archive) }
            }
        }
    }

    @Test func `two members of one name are refused`() throws {
        let bytes = archive([("x/data.pkl", Data("N.".utf8)), ("x/data.pkl", Data("N.".utf8))])
        #expect(try refusal(of: bytes) == "member 'x/data.pkl': the name comes twice")
    }

    @Test func `a compressed checkpoint is refused`() {
        let error = #expect(throws: TensorError.self) {
            try WeightFile.open(golden("compressed.pth"))
        }
        #expect(error?.description.contains("compressed") == true)
    }

    private func extract(_ member: ZipArchive.Member, from archive: ZipArchive) throws -> Data {
        var content = Data()
        try archive.extract(member, failing: { $0 as TensorError }) { (piece) throws(TensorError) in
            content.append(contentsOf: piece)
        }
        return content
    }
}

/// A zip archive of stored members; checksums are zero, because reading weights does not look.
func archive(_ members: [(name: String, content: Data)]) -> Data {
    func bytes<Integer: FixedWidthInteger>(_ value: Integer) -> Data {
        withUnsafeBytes(of: value.littleEndian) { Data($0) }
    }
    var file = Data()
    var directory = Data()
    for (name, content) in members {
        let start = UInt32(file.count)
        let common =
            bytes(UInt32(0)) + bytes(UInt32(0))  // version, method, time…
            + bytes(UInt32(0)) + bytes(UInt32(content.count)) + bytes(UInt32(content.count))
            + bytes(UInt16(name.utf8.count)) + bytes(UInt16(0))
        file += bytes(UInt32(0x0403_4b50)) + bytes(UInt16(20)) + common
        file += Data(name.utf8) + content
        directory += bytes(UInt32(0x0201_4b50)) + bytes(UInt32(20 << 16 | 20)) + common
        directory += Data(count: 10) + bytes(start) + Data(name.utf8)
    }
    let start = UInt32(file.count)
    let count = UInt16(members.count)
    file += directory
    file += bytes(UInt32(0x0605_4b50)) + bytes(UInt32(0)) + bytes(count) + bytes(count)
    file += bytes(UInt32(directory.count)) + bytes(start) + bytes(UInt16(0))
    return file
}
