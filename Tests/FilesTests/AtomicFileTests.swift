import Files
import Foundation
import Testing
import TestSupport

@Suite struct AtomicFileTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func names() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    }

    @Test func `a failure leaves the file as it was`() throws {
        let path = try folder.write("old", to: "file")
        let failure = FileError(.write, path, .file("full"))
        #expect(throws: failure) {
            try AtomicFile.create(path, failing: { $0 }) { (temporary) throws(FileError) in
                _ = FileManager.default.createFile(atPath: temporary, contents: Data("new".utf8))
                throw failure
            }
        }
        #expect(try folder.text("file") == "old")
        #expect(try names() == ["file"])
    }

    @Test func `a hard link replaces another to the same file`() throws {
        let path = try folder.write("text", to: "file")
        for _ in 0..<2 {
            try AtomicFile.create(folder.path("link"), failing: { $0 }) {
                (temporary) throws(FileError) in
                #expect(link(path, temporary) == 0)
            }
        }
        #expect(try names() == ["file", "link"])
    }

    @Test func `a folder replaces one that has files`() throws {
        let path = folder.path("data")
        for name in ["old", "new"] {
            try AtomicFolder.create(path, failing: { $0 }) { (temporary) throws(FileError) in
                _ = FileManager.default.createFile(atPath: "\(temporary)/\(name)", contents: nil)
            }
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: path) == ["new"])
        #expect(try names() == ["data"])
    }
}
