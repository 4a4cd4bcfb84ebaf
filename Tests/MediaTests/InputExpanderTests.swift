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
