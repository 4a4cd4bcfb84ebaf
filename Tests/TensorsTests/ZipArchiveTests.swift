import Foundation
import Tensors
import Testing
import TestSupport

@Suite struct ZipArchiveTests {
    static let content = Data((0..<5000).map(String.init).joined(separator: " ").utf8)

    @Test(arguments: [("stored.zip", ZipArchive.Method.stored), ("deflated.zip", .deflated)])
    func `a member written by Python's zipfile is extracted`(
        name: String, method: ZipArchive.Method
    ) throws {
        let archive = try ZipArchive(path: golden(name))
        #expect(archive.names == ["a/b.txt"])
        let member = try #require(archive["a/b.txt"])
        #expect(member.method == method)
        #expect(try extract(member, from: archive) == Self.content)
    }

    @Test(arguments: ["stored.zip", "deflated.zip"])
    func `a flipped bit in a member is detected`(name: String) throws {
        let whole = try Data(contentsOf: URL(fileURLWithPath: golden(name)))
        let member = try #require(try ZipArchive(path: golden(name))["a/b.txt"])
        for offset in stride(from: member.range.lowerBound, to: member.range.upperBound, by: 97) {
            var damaged = whole
            damaged[offset] ^= 0x10
            try withFile(damaged) { path in
                let archive = try ZipArchive(path: path)
                #expect(throws: TensorError.self) { try extract(member, from: archive) }
            }
        }
    }

    @Test func `two members with the same name are refused`() throws {
        let bytes = storedArchive([
            ("x/data.pkl", Data("N.".utf8)), ("x/data.pkl", Data("N.".utf8)),
        ])
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
