import Files
import Foundation
import Testing
import TestSupport

@Suite struct FileSystemTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func type(_ name: String) throws -> FileSystem.FileType? {
        try FileSystem.type(of: folder.path + "/" + name, failing: { $0 })
    }

    @Test func `what cannot be followed does not count as missing`() throws {
        try folder.write("", to: "file")
        symlink("circle", folder.path("circle"))
        symlink("nothing", folder.path("dangling"))
        mkfifo(folder.path("pipe"), 0o600)
        #expect(try type("file") == .file)
        #expect(try type("") == .folder)
        #expect(try type("pipe") == .pipe)
        #expect(try type("gone") == nil)
        #expect(try type("dangling") == nil)
        // Reasons as `strerror` of C has them.
        for (name, reason) in [
            ("circle", "Too many levels of symbolic links"), ("file/x", "Not a directory"),
            (String(repeating: "n", count: 300), "File name too long"),
            ("file\0x", "a path with a zero byte names no file"),
        ] {
            let error = try #require(throws: FileError.self) { try type(name) }
            #expect(error.description == "cannot read '\(folder.path)/\(name)': \(reason)")
        }
    }

    @Test func `names that are not UTF-8 are entries`() throws {
        try folder.write("", to: "\u{301}a.png")
        let path = Array(folder.path.utf8) + Array("/lat".utf8) + [0xe9] + Array(".png\0".utf8)
        path.withUnsafeBufferPointer { bytes in
            bytes.withMemoryRebound(to: CChar.self) { _ = creat($0.baseAddress!, 0o600) }
        }
        let entries = try FileSystem.entries(inFolder: folder.path, failing: { $0 })
            .sorted { $0.name.utf8.count < $1.name.utf8.count }
        #expect(entries.map(\.name) == ["\u{301}a.png", "lat\u{fffd}.png"])
        #expect(entries.map(\.escapedBytes) == [nil, #"lat\xe9.png"#])
        #expect(
            entries[1].failure(in: "x")?.description
                == #"cannot read 'x/lat�.png': its name 'lat\xe9.png' is not UTF-8; rename it"#)
    }

    @Test func `folders are created with their parents, and errors name the cause`() throws {
        try FileSystem.makeFolder(folder.path("a/b/c"), failing: { $0 })
        try FileSystem.makeFolder(folder.path("a/b/c/"), failing: { $0 })
        #expect(try type("a/b/c") == .folder)
        let file = try folder.write("", to: "file")
        for (path, reason) in [
            (file, "it exists and is no folder"), (file + "/x", "Not a directory"),
        ] {
            let error = try #require(throws: FileError.self) {
                try FileSystem.makeFolder(path, failing: { $0 })
            }
            #expect(error.description == "cannot write '\(path)': \(reason)")
        }
    }

    /// As `os.path.split` and `os.path.splitext` of Python divide them.
    @Test(arguments: [
        ("a/b.tar.gz", "b.tar.gz", "a", "b.tar", "gz"), ("b", "b", ".", "b", ""),
        ("/b.png", "b.png", "/", "b", "png"), ("a//b/", "b", "a", "b", ""),
        (".hidden", ".hidden", ".", ".hidden", ""),
        ("a/\u{301}b.\u{301}png", "\u{301}b.\u{301}png", "a", "\u{301}b", "\u{301}png"),
        ("\u{600}.png", "\u{600}.png", ".", "\u{600}", "png"),
    ])
    func `parts of paths are found by bytes`(
        path: String, name: String, parent: String, stem: String, suffix: String
    ) {
        #expect(Array(PathName.last(of: path).utf8) == Array(name.utf8))
        #expect(PathName.folder(of: path) == parent)
        #expect(Array(PathName.stem(of: path).utf8) == Array(stem.utf8))
        #expect(Array(PathName.split(name).extension.utf8) == Array(suffix.utf8))
    }
}
