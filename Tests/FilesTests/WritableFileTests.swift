import Files
import Foundation
import Testing
import TestSupport

@Suite struct WritableFileTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func problem(_ path: String, isReplaced: Bool = false) -> String? {
        do {
            try FileSystem.checkWritable(path, isReplaced: isReplaced) { $0 }
            return nil
        } catch {
            return error.reason
        }
    }

    @Test(arguments: [false, true])
    func `an output has a folder and is not one`(isReplaced: Bool) throws {
        let file = try folder.write("old", to: "file")
        #expect(problem(file, isReplaced: isReplaced) == nil)
        #expect(problem(folder.path("new"), isReplaced: isReplaced) == nil)
        #expect(!FileManager.default.fileExists(atPath: folder.path("new")))
        #expect(problem("/dev/null") == nil)
        #expect(
            problem("/dev/null", isReplaced: true)
                == "it is a device or a pipe, which cannot be replaced; name a file")
        let none = folder.path("none")
        #expect(problem(none + "/x", isReplaced: isReplaced) == "there is no folder '\(none)'")
        #expect(problem(file + "/x", isReplaced: isReplaced) == "'\(file)' is not a folder")
        #expect(problem(folder.url.path, isReplaced: isReplaced) == "Is a directory")
    }

    @Test(.enabled(if: geteuid() != 0, "root may write everywhere"))
    func `an output may be written`() throws {
        let file = try folder.write("old", to: "locked/file")
        let locked = (file as NSString).deletingLastPathComponent
        try #require(chmod(file, 0o444) == 0 && chmod(locked, 0o555) == 0)
        defer { chmod(locked, 0o755) }
        #expect(problem(file) == "Permission denied")
        #expect(problem(file, isReplaced: true) == "Permission denied")
        #expect(problem(locked + "/new") == "Permission denied")
    }
}
