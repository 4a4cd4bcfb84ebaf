import Foundation
import Media
import Testing
import TestSupport

@Suite struct InputExpanderTests {
    let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        try FileManager.default.createDirectory(
            atPath: folder.path("empty"), withIntermediateDirectories: false)
        for name in [
            "b/2.mp4", "b/10.MP4", "a/deep/x.png", "a/z.gif", "a/notes.txt", "a/.x.mp4",
            ".hidden/y.mp4", "top.webm", "B.mkv", "list[1].mp4", "f_001.png", "f_002.png",
        ] {
            try folder.write([0], to: name)
        }
    }

    private func expand(_ name: String) -> [String] {
        InputExpander.expand(name.hasPrefix("/") ? name : folder.path(name)).map { result in
            switch result {
            case .success(let source):
                source.description.replacing(folder.path + "/", with: "")
            case .failure(let error): "error: \(error)"
            }
        }
    }

    @Test func `a folder expands to its media files, recursively, sorted by bytes`() {
        #expect(
            expand(folder.path) == [
                "B.mkv", "a/deep/x.png", "a/z.gif", "b/10.MP4", "b/2.mp4", "f_001.png", "f_002.png",
                "list[1].mp4", "top.webm",
            ])
        #expect(expand("b/") == ["b/10.MP4", "b/2.mp4"])
    }

    @Test func `circular symbolic links are not followed forever`() throws {
        try FileManager.default.createSymbolicLink(
            atPath: folder.path("b/circle"), withDestinationPath: folder.path)
        #expect(expand(folder.path).filter { $0.hasSuffix("z.gif") }.count == 1)
    }

    @Test func `a glob pattern expands to the matching files`() {
        #expect(expand("b/*.mp4") == ["b/2.mp4"])
        #expect(expand("?/*.[gm]*") == ["a/z.gif", "b/2.mp4"])
        #expect(expand("f_*.png") == ["f_001.png", "f_002.png"])
    }

    @Test func `what a folder or pattern holds and cannot be read is an error`() throws {
        let odd = folder.path("odd")
        try folder.write([0], to: "odd/good.png")
        try folder.write([0], to: "odd/\u{301}mark.png")
        mkfifo(odd + "/pipe.mp4", 0o600)
        mkfifo(odd + "/pipe", 0o600)
        symlink("nothing", odd + "/dangling.png")
        symlink("circle", odd + "/circle")
        let path = Array("\(odd)/lat".utf8) + [0xe9] + Array(".png\0".utf8)
        path.withUnsafeBufferPointer { bytes in
            bytes.withMemoryRebound(to: CChar.self) { _ = creat($0.baseAddress!, 0o600) }
        }
        let unreadable = "error: cannot read '\(odd)/"
        #expect(
            expand("odd") == [
                unreadable + "circle': Too many levels of symbolic links",
                unreadable + "dangling.png': it is a symbolic link to nothing", "odd/good.png",
                unreadable
                    + #"lat\u{fffd}.png': its name 'lat\xe9.png' is not UTF-8; rename it"#
                    .replacing(#"\u{fffd}"#, with: "\u{fffd}"),
                unreadable
                    + "pipe.mp4': it is a named pipe, not a file of the folder; name it itself",
                "odd/\u{301}mark.png",
            ])
        #expect(expand("odd/lat*")[0].hasSuffix("is not UTF-8; rename it"))
        #expect(
            expand("odd/lat\u{fffd}.png")[0].hasSuffix(#"'lat\xe9.png' is not UTF-8; rename it"#))
        #expect(expand("odd/dangling.png")[0].hasSuffix("it is a symbolic link to nothing"))
        // A pipe would be waited for.
        #expect(expand("odd/p*.mp4")[0].hasSuffix("not a file of the pattern; name it itself"))
        #expect(expand("odd/pipe.mp4") == ["odd/pipe.mp4"])
    }

    @Test func `a path that cannot be followed is not called missing`() throws {
        symlink("circle.png", folder.path("circle.png"))
        #expect(expand("circle.png")[0].hasSuffix("Too many levels of symbolic links"))
        #expect(expand("top.webm/x.png")[0].hasSuffix("Not a directory"))
        let long = String(repeating: "n", count: 300)
        #expect(expand(long)[0].hasSuffix("File name too long"))
        #expect(expand("/a\0b.png")[0].hasSuffix("a path with a zero byte names no file"))
    }

    /// As root, permissions do not hold.
    @Test(.enabled(if: geteuid() != 0)) func `a folder without permission is an error`() throws {
        try folder.write([0], to: "open/closed/x.png")
        chmod(folder.path("open/closed"), 0)
        defer { chmod(folder.path("open/closed"), 0o700) }
        #expect(expand("open")[0].hasSuffix("open/closed': Permission denied"))
        #expect(expand("open/closed/x.png")[0].hasSuffix("x.png': Permission denied"))
    }

    @Test func `an existing file name is not a pattern`() {
        #expect(expand("list[1].mp4") == ["list[1].mp4"])
    }

    @Test func `a sequence is one input`() {
        #expect(expand("f_%03d.png") == ["f_%03d.png"])
    }

    @Test func `an input without matches gives one error at its position`() {
        #expect(expand("empty")[0].hasPrefix("error: "))
        #expect(expand("*.avi")[0].contains("no file matches"))
        #expect(expand("g_%03d.png")[0].contains("no file matches"))
        #expect(expand("missing.mp4")[0].contains("does not exist"))
        let results = InputExpander.expand([
            folder.path("missing.mp4"), "-", "https://example.org/a.mp4?x=[1]",
        ])
        #expect(
            results == [
                .failure(.notFound(input: folder.path("missing.mp4"))), .success(.standardInput),
                .success(.path("https://example.org/a.mp4?x=[1]")),
            ])
    }
}
