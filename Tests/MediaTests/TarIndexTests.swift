import Files
import Foundation
import Media
import Synchronization
import Testing
import TestSupport
import TextFormats

/// Archives of `fixtures/media/shards`, and what their writers' own readers make of them.
@Suite struct TarIndexTests {
    private let golden: JSONValue
    private let folder: TemporaryFolder

    static let archives = [
        "ustar", "gnu", "pax", "webdataset", "sparse-gnu", "sparse-0.0", "sparse-0.1", "sparse-1.0",
    ]

    init() throws {
        golden = try JSONValue(
            parsing: String(contentsOfFile: Fixture.path("media/shards.json"), encoding: .utf8))
        folder = try TemporaryFolder()
    }

    private func path(_ name: String) -> String { Fixture.path("media/shards/\(name).tar") }

    private func index(_ path: String) throws -> TarIndex { try TarIndex(FilePart(path: path)) }

    /// The bytes of an archive with a changed header, whose checksum is right again.
    private func changed(
        _ name: String = "ustar", header: Int, _ change: (inout [UInt8]) -> Void
    ) throws -> [UInt8] {
        var bytes = try [UInt8](Data(contentsOf: URL(fileURLWithPath: path(name))))
        var block = Array(bytes[header..<header + 512])
        change(&block)
        block.replaceSubrange(148..<156, with: [UInt8](repeating: 0x20, count: 8))
        let sum = block.reduce(0) { $0 + Int($1) }
        let octal = String(sum, radix: 8)
        block.replaceSubrange(
            148..<156,
            with: Array((String(repeating: "0", count: 6 - octal.count) + octal).utf8) + [0, 0x20])
        bytes.replaceSubrange(header..<header + 512, with: block)
        return bytes
    }

    @Test(arguments: archives) func `members are where tarfile finds them`(name: String) throws {
        let index = try index(path(name))
        let files = try #require(golden["archives"]?[name]?.arrayValue)
        let expected = files.filter { $0["sparse"] == nil }
        let found = index.members.filter { $0.refusal == nil }
        #expect(found.map(\.name) == expected.map { $0["name"]?.stringValue })
        #expect(found.map(\.offset) == expected.map { $0["offset"]?.integerValue })
        #expect(found.map(\.byteCount) == expected.map { $0["size"]?.integerValue })
        for (member, file) in zip(found, expected) {
            let digest = try FileDigest.digest(
                ofFile: path(name), range: member.range, failing: { $0 })
            #expect(digest.digest.finish() == file["sha256"]?.stringValue)
        }
        #expect(index.problem == nil)
        let refused = index.members.filter { $0.refusal != nil }
        if name.hasPrefix("sparse") {
            #expect(refused.map(\.name) == ["holes.png"])
            #expect(
                refused.first?.refusal
                    == "it is stored with holes; pack it again without --sparse")
        } else if name != "webdataset" {
            #expect(
                refused.map(\.name) == ["symbolic.jpg", "hard.jpg", "device.png", "pipe.png"])
            #expect(
                refused.map(\.refusal) == [
                    "it is a symbolic link, which has no bytes of its own",
                    "it is a hard link, which has no bytes of its own",
                    "it is a device, which has no bytes of its own",
                    "it is a named pipe, which has no bytes of its own",
                ])
        }
    }

    @Test(arguments: archives) func `keys are those of webdataset`(name: String) throws {
        for file in try #require(golden["archives"]?[name]?.arrayValue) where file["sparse"] == nil
        {
            let key = TarSamples.key(of: try #require(file["name"]?.stringValue))
            #expect(key?.key.text == file["key"]?.stringValue)
            #expect(key?.suffix == file["suffix"]?.stringValue)
        }
    }

    @Test func `siblings give id, prompt and group, wherever they are`() throws {
        let samples = try TarSamples(archive: path("pax")).samples
        func annotations(_ name: String) -> String? {
            samples.first { $0.input.hasSuffix("#member=\(name)") }.map {
                JSONValue.object($0.annotations).description
            }
        }
        #expect(
            annotations("0000.jpg") == #"{"id":17,"prompt":"from json","group":"first"}"#)
        #expect(annotations("b/0001.rgb.png") == #"{"prompt":"ein Hügel"}"#)
        #expect(annotations("0002.webp") == "{}")
        #expect(annotations(".hidden.jpg") == nil && annotations("__meta__/first.jpg") == nil)
        #expect(
            annotations("../../outside.jpg") == "{}" && annotations("/etc/absolute.jpg") == "{}")
        #expect(samples.count { $0.failure != nil } == 4)
        #expect(
            samples.last?.failure?.description
                == "cannot read '\(path("pax"))#member=pipe.png': it is a named pipe, which has no bytes of its own"
        )
    }

    @Test func `braces expand as by braceexpand`() throws {
        for pattern in try #require(golden["braces"]?.members) {
            let names = pattern.value.arrayValue?.map(\.stringValue)
            #expect(
                try BraceExpansion.names(of: pattern.key) ?? [pattern.key] == names,
                "\(pattern.key)")
        }
        #expect(try BraceExpansion.names(of: "a{b") == nil)
        #expect(try BraceExpansion.names(of: "{a,b") == nil)
        #expect(throws: MediaError.self) { try BraceExpansion.names(of: "{0..9999999}") }
        #expect(throws: MediaError.self) {
            try BraceExpansion.names(of: String(repeating: "{0..9}", count: 30))
        }
    }

    @Test(
        arguments: [
            // GNU's binary numbers: −1, 2⁶², and one that does not fit.
            ([UInt8](repeating: 0xff, count: 12), "the size of a member is no size"),
            ([0x80, 0, 0, 0, 0x40, 0, 0, 0, 0, 0, 0, 0], nil),
            (
                [0x80, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
                "the size of a member is no size"
            ),
            (Array("77777777777\0".utf8), nil),
            (Array("12x45678901\0".utf8), "the size of a member is no size"),
            (Array("-0000000001\0".utf8), "the size of a member is no size"),
        ] as [([UInt8], String?)])
    func `a hostile size ends the index at its member`(size: [UInt8], reason: String?) throws {
        // The first header is that of a folder; the second one's member is of one block.
        let bytes = try changed(header: 1536) { $0.replaceSubrange(124..<136, with: size) }
        let index = try index(folder.write(bytes, to: "size.tar"))
        #expect(index.members.first?.name == "0000.json")
        if let reason {
            #expect(index.members.count == 1)
            #expect(index.problem == "it is damaged at byte 1536: \(reason)")
        } else {
            #expect(index.members.map(\.name) == ["0000.json", "0000.jpg"])
            #expect(
                index.members.last?.refusal
                    == "the archive ends inside it; write or fetch it again")
            #expect(index.problem == "it ends inside '0000.jpg'; write or fetch it again")
        }
    }

    @Test func `a binary size that fits is read`() throws {
        let bytes = try changed(header: 1536) {
            $0.replaceSubrange(124..<136, with: [0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x03, 0xdf])
        }
        let index = try index(folder.write(bytes, to: "binary.tar"))
        #expect(index.problem == nil && index.members.count == 20)
        #expect(index["0000.jpg"]?.byteCount == 991)
    }

    @Test func `a wrong checksum ends the index`() throws {
        var bytes = try [UInt8](Data(contentsOf: URL(fileURLWithPath: path("ustar"))))
        bytes[1536] ^= 1
        let damaged = try index(folder.write(bytes, to: "sum.tar"))
        #expect(damaged.members.map(\.name) == ["0000.json"])
        #expect(damaged.problem == "it is damaged at byte 1536: the checksum of a header is wrong")
        bytes[0] ^= 1
        let first = try folder.write(bytes, to: "first.tar")
        let error = #expect(throws: FileError.self) { try index(first) }
        #expect(
            error?.description
                == "cannot read '\(first)': it is no tar archive: the checksum of a header is wrong"
        )
    }

    /// A header of pax before the first file, whose name is `b` in the fixture.
    private func withPax(_ records: String) throws -> String {
        var bytes = try changed(header: 0) {
            $0[156] = UInt8(ascii: "x")
            let size = Array(String(records.utf8.count, radix: 8).utf8)
            let zeros = [UInt8](repeating: 0x30, count: 11 - size.count)
            $0.replaceSubrange(124..<136, with: zeros + size + [0])
        }
        let padding = [UInt8](repeating: 0, count: (512 - records.utf8.count % 512) % 512)
        bytes.insert(contentsOf: Array(records.utf8) + padding, at: 512)
        return try folder.write(bytes, to: "pax.tar")
    }

    @Test(arguments: [
        ("99 path=x\n", "a pax header is damaged"), ("0 path=x\n", "a pax header is damaged"),
        ("path=x\n", "a pax header is damaged"), ("6 path\n", "a pax header is damaged"),
        ("10 path=x", "a pax header is damaged"),
        ("99999999999999999999 a=b\n", "a pax header is damaged"),
        ("11 size=-1\n", "the size of a member is no size"),
        ("30 size=999999999999999999999\n", "the size of a member is no size"),
    ])
    func `a damaged pax header ends the index`(records: String, reason: String) throws {
        let path = try withPax(records)
        let error = #expect(throws: FileError.self) { try index(path) }
        #expect(
            error?.description == "cannot read '\(path)': it is no tar archive: \(reason)")
    }

    @Test func `a name of pax may hold anything`() throws {
        #expect(try index(withPax("18 path=a=b#c.jpg\n")).members.first?.name == "a=b#c.jpg")
        let zero = try index(withPax("12 path=a\0b\n")).members.first
        #expect(zero?.refusal == "its name has a zero byte; rename it")
        let size = try index(withPax("28 size=9223372036854775807\n"))
        #expect(size.problem == "it ends inside '0000.json'; write or fetch it again")
    }

    @Test func `a name that is not UTF-8 is refused, and the others are read`() throws {
        let bytes = try changed(header: 1536) { $0[1] = 0xe9 }
        let index = try index(folder.write(bytes, to: "name.tar"))
        #expect(index.members[1].refusal == #"its name '0\xe900.jpg' is not UTF-8; rename it"#)
        #expect(index.problem == nil)
    }

    @Test func `the last of several members of one name counts`() throws {
        let bytes = try changed(header: 512) { header in
            header.replaceSubrange(0..<10, with: Array("0000.jpg\0\0".utf8))
        }
        let index = try index(folder.write(bytes, to: "twice.tar"))
        #expect(index.members.count == 19)
        #expect(index["0000.jpg"]?.byteCount == 991)
    }

    @Test func `every truncation is an error or has the members before it`() throws {
        let bytes = try [UInt8](Data(contentsOf: URL(fileURLWithPath: path("gnu"))))
        let whole = try index(path("gnu"))
        for count in stride(from: 0, to: bytes.count, by: 131) {
            let path = try folder.write(bytes[..<count], to: "cut.tar")
            guard let cut = try? index(path) else {
                #expect(count < 512)
                continue
            }
            let complete = cut.members.filter { $0.refusal?.contains("archive ends") != true }
            #expect(complete.map(\.name) == whole.members.prefix(complete.count).map(\.name))
            #expect(cut.members.allSatisfy { $0.offset + $0.byteCount <= count })
        }
    }

    @Test func `archives that are read in turn are decompressed once each`() throws {
        let archives = (0..<5).map { folder.path("\($0).tar.gz") }
        for archive in archives {
            try FileManager.default.copyItem(atPath: path("gnu") + ".gz", toPath: archive)
        }
        func extents() throws -> [FileExtent] {
            try archives.map { try #require(TarMember("\($0)#member=0000.jpg")).extent() }
        }
        // Paths of descriptors, which are different as long as they are open.
        let first = try extents()
        #expect(Set(first.map(\.path)).count == archives.count)
        #expect(try extents().map(\.path) == first.map(\.path))
    }

    @Test func `an archive that is being decompressed holds up no other`() throws {
        // A member of 512 MiB.
        let bytes = try changed(header: 1536) {
            $0.replaceSubrange(124..<136, with: Array("04000000000\0".utf8))
        }
        try folder.write(bytes[..<2048], to: "start")
        let large = folder.path("large.tar.gz")
        let script = """
            cd '\(folder.path)' && head -c 16777216 /dev/zero | gzip -1 > zeros && gzip < start > '\(large)' &&
            for i in 1 2 3 4 5 6 7 8; do cat zeros zeros zeros zeros; done >> '\(large)'
            """
        let run = try CommandRun(URL(fileURLWithPath: "/usr/bin/env"), ["sh", "-c", script])
        try #require(run.status == 0, "\(run.messages)")

        let member = Mutex<TarIndex.Member?>(nil)
        let isDone = DispatchSemaphore(value: 0)
        Thread.detachNewThread {
            let archive = try? TarArchive.open(large)
            member.withLock { $0 = archive?.index["0000.jpg"] }
            isDone.signal()
        }
        Thread.sleep(forTimeInterval: 0.02)
        #expect(try TarArchive.open(path("gnu") + ".gz").index["0000.jpg"] != nil)
        #expect(member.withLock { $0 } == nil)
        isDone.wait()
        #expect(member.withLock { $0?.byteCount } == 512 << 20)
    }
}
