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
            let writer = try LineWriter(path: path, isResumable: true)
            let error = try #require(throws: FileError.self) {
                try LineWriter(path: path, isResumable: true)
            }
            #expect(error.description == refusal(of: path))
            try writer.write("a")
        }
        try LineWriter(path: path, isResumable: true).begin(at: 2)
        #expect(try folder.text("rows") == "a\n")
    }

    @Test func `a resumable file is changed when the first line is written`() throws {
        let path = try folder.write("old\n", to: "rows")
        do {
            let writer = try LineWriter(path: path, isResumable: true)
            #expect(writer.byteCount == 4)
            _ = try LineWriter(path: folder.path("new"), isResumable: true)
        }
        #expect(try folder.text("rows") == "old\n")
        #expect(try names() == ["rows"])
        try LineWriter(path: path, isResumable: true).write("new")
        #expect(try folder.text("rows") == "new\n")
    }

    @Test func `any other file is replaced when it is finished`() throws {
        let path = try folder.write("old\n", to: "table")
        chmod(path, 0o640)
        symlink("table", folder.path("link"))
        do {
            let writer = try LineWriter(path: folder.path("link"))
            #expect(writer.byteCount == 4)
            let error = try #require(throws: FileError.self) { try LineWriter(path: path) }
            #expect(error.description == refusal(of: path))
            #expect(try names() == ["link", "table", "table.lock"])
            try writer.write("lost")
            #expect(try folder.text("table") == "old\n")
        }
        #expect(try names() == ["link", "table"])
        let writer = try LineWriter(path: folder.path("link"))
        try writer.write("new")
        try writer.finish()
        #expect(try folder.text("table") == "new\n")
        var status = stat()
        #expect(stat(path, &status) == 0 && status.st_mode & 0o777 == 0o640)
        #expect(lstat(folder.path("link"), &status) == 0 && status.st_mode & S_IFMT == S_IFLNK)
    }

    @Test func `a process that ends at once removes what it has begun`() throws {
        let writer = try LineWriter(path: folder.path("table"))
        try writer.write("a")
        #expect(try names().count == 2)
        UnfinishedOutputs.removeAll()
        #expect(try names() == [])
        withExtendedLifetime(writer) {}
    }

    /// Renaming a file to `/dev/null` would replace the device. The folder of open files is that of
    /// `/dev/stdout`.
    @Test func `what cannot be replaced is refused or written in place`() throws {
        let pipe = folder.path("pipe")
        try #require(mkfifo(pipe, 0o600) == 0)
        let file = try FileHandle(forUpdating: URL(fileURLWithPath: try folder.write("", to: "f")))
        let open = "/proc/self/fd/\(file.fileDescriptor)"
        for path in [pipe, open, "/dev/null"] {
            for error in [
                try #require(throws: FileError.self) { try OutputLock(output: path) },
                try #require(throws: FileError.self) {
                    try AtomicFile.write(Data([1]), to: path, failing: { $0 })
                },
            ] {
                #expect(
                    error.description == """
                        cannot write '\(path)': it is a device or a pipe, which cannot be replaced; \
                        name a file
                        """)
            }
        }
        let writer = try LineWriter(path: open)
        try writer.write("a")
        #expect(try folder.text("f") == "a\n")
        try writer.finish()
        #expect(try names() == ["f", "pipe"])
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
