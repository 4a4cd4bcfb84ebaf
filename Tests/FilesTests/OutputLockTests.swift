import Files
import Foundation
import Testing
import TestSupport

@Suite struct OutputLockTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func names() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    }

    private func refusal(of path: String) -> String {
        """
        cannot write '\(path)': process \(getpid()) is writing it; wait for its end, or name another \
        output
        """
    }

    @Test func `a file has one writer`() throws {
        let path = folder.path("rows")
        do {
            let writer = try LineWriter(path: path)
            let error = try #require(throws: FileError.self) { try LineWriter(path: path) }
            #expect(error.description == refusal(of: path))
            try writer.write("a")
        }
        try LineWriter(path: path).begin(at: 2)
        #expect(try folder.text("rows") == "a\n")
    }

    @Test func `a file is changed when the first line is written`() throws {
        let path = try folder.write("old\n", to: "rows")
        do {
            let writer = try LineWriter(path: path)
            #expect(writer.byteCount == 4)
            _ = try LineWriter(path: folder.path("new"))
        }
        #expect(try folder.text("rows") == "old\n")
        #expect(try names() == ["rows"])
        try LineWriter(path: path).write("new")
        #expect(try folder.text("rows") == "new\n")
    }

    @Test func `an output that is replaced has one writer and no litter`() throws {
        let path = folder.path("model")
        do {
            let lock = try OutputLock(output: path)
            let error = try #require(throws: FileError.self) { try OutputLock(output: path + "/") }
            #expect(error.description == refusal(of: path + "/"))
            withExtendedLifetime(lock) {}
        }
        #expect(try names() == [])
        // A process that was killed leaves the file, and no lock.
        try folder.write("", to: "model.lock")
        _ = try OutputLock(output: path)
        #expect(try names() == [])
    }

    @Test func `a file of that name which is no lock is kept`() throws {
        try folder.write("left-pad@1.0.0", to: "yarn.lock")
        let error = try #require(throws: FileError.self) {
            try OutputLock(output: folder.path("yarn"))
        }
        #expect(error.description.hasSuffix("exists and is no lock of ganrm; name another output"))
        #expect(try folder.text("yarn.lock") == "left-pad@1.0.0")
    }
}
