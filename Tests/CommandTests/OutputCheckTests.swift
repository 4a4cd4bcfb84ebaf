import Foundation
import Testing
import TestSupport

/// Outputs that would destroy an input or lose lines.
@Suite struct OutputCheckTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private static let shell = URL(fileURLWithPath: "/bin/sh")

    @Test(arguments: [
        "score FILE --overwrite", "score FOLDER --overwrite", "score FOLDER/*.png --overwrite",
        "score --list LIST --overwrite", "score --list FILE --overwrite",
        "score FILE#xywh=0,0,8,8 --overwrite", "score x.png --model FILE --overwrite",
        "score x.png --encoder FILE --weights x --overwrite",
        "score x.png --store FILE --overwrite",
        "score x.png --encoder e --weights FILE --resume", "segments FILE --overwrite",
        "rank --scores FILE --overwrite", "rank FOLDER --overwrite", "pairs FILE --overwrite",
        "select x --prompts FILE --overwrite", "merge x FILE", "encode FOLDER",
        "eval --scores FILE",
        "train --proxy FOLDER --generated x", "train --proxy x --generated LIST.txt",
        "head check FILE", "store export --store FILE", "report FILE", "study make FILE",
    ])
    func `an output that is read is refused`(command: String) throws {
        let file = try folder.write("content", to: "media/a.png")
        try folder.write("x.png\n\(file)\n", to: "list")
        try folder.write("x.png\n\(file)\n", to: "list.txt")
        // Another path to the same file.
        symlink(file, folder.path("link"))
        let words = command.replacing("FILE", with: file).replacing(
            "FOLDER", with: folder.path("media")
        )
        .replacing("LIST", with: folder.path("list")).split(separator: " ").map(String.init)
        for output in [file, folder.path("link")] {
            let run = try CommandRun.ganrm(words + ["-o", output])
            #expect(run.status == 2)
            #expect(
                run.messages
                    == "ganrm: '\(file)' is to be read and to be written; name another output\n")
        }
        #expect(try folder.text("media/a.png") == "content")
    }

    @Test func `an output whose name is not UTF-8 is refused`() throws {
        let run = try CommandRun(
            Self.shell,
            ["-c", #"cd "$1" && exec "$2" merge x -o "$(printf 'o\351')""#, "sh", folder.path]
                + [CommandRun.binary.path])
        #expect(run.status == 2)
        #expect(
            run.messages == #"ganrm: the argument 'o\xe9' is not UTF-8; use another name"# + "\n")
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
    }

    @Test(arguments: [
        "train --proxy FILE --generated FILE", "encode FILE", "store export --store STORE",
    ])
    func `a device is not replaced by a file`(command: String) throws {
        // A link to a device, since a test that fails must not replace the device.
        symlink("/dev/null", folder.path("null"))
        let file = try folder.write("", to: "a.png")
        let words = command.replacing("FILE", with: file)
            .replacing("STORE", with: folder.path("store")).split(separator: " ").map(String.init)
        let run = try CommandRun.ganrm(words + ["-o", folder.path("null")])
        #expect(run.status == 3)
        #expect(
            run.messages == """
                ganrm: cannot write '\(folder.path("null"))': it is a device or a pipe, which cannot be \
                replaced; name a file

                """)
        var status = stat()
        #expect(lstat(folder.path("null"), &status) == 0 && status.st_mode & S_IFMT == S_IFLNK)
    }

    /// A quota or a network file system may refuse only when a file is closed; here a library does.
    @Test(arguments: [["merge"], ["select", "--scores"]])
    func `an error of closing the output is an error of the command`(command: [String]) throws {
        let source = try folder.write(
            """
            #define _GNU_SOURCE
            #include <dlfcn.h>
            #include <errno.h>
            #include <stdio.h>
            #include <string.h>
            #include <unistd.h>
            int close(int file) {
                char link[64], path[4096] = "";
                snprintf(link, sizeof link, "/proc/self/fd/%d", file);
                if (readlink(link, path, sizeof path - 1) < 0) path[0] = 0;
                int code = ((int (*)(int))dlsym(RTLD_NEXT, "close"))(file);
                if (!strstr(path, "/full.jsonl")) return code;
                errno = EDQUOT;
                return -1;
            }

            """, to: "close.c")
        let library = folder.path("close.so")
        let compiler = try CommandRun(
            URL(fileURLWithPath: "/usr/bin/env"),
            ["clang", "-shared", "-fPIC", source, "-o", library])
        try #require(compiler.status == 0, "\(compiler.messages)")
        let rows = try folder.write(
            #"{"input":"a.png","group":"g","logit":1,"position":0,"total":1}"# + "\n",
            to: "rows.jsonl")
        let output = folder.path("full.jsonl")
        let run = try CommandRun.ganrm(
            command + [rows, "-o", output], environment: ["LD_PRELOAD": library])
        #expect(run.status == 3)
        #expect(
            run.messages.contains("cannot write '\(output)': Disk quota exceeded"),
            "\(run.messages)")
        #expect(!FileManager.default.fileExists(atPath: output))
    }

    @Test func `a large file that is truncated while it is read gives an error`() throws {
        let row = { (index: Int) in
            #"{"input":"\#(String(repeating: "n", count: 4000))","position":\#(index),"total":5000}"#
                + "\n"
        }
        let part = try folder.write((0..<5000).map(row).joined(), to: "part.jsonl")
        let run = try BackgroundProcess(CommandRun.binary, ["merge", part])
        run.shrinkOutputPipe()
        // All lines are checked before the first one is written; then the pipe is full.
        _ = try run.line()
        #expect(truncate(part, 0) == 0)
        #expect(try run.finish().status == 3)
        #expect(run.messages.contains("a file was truncated while it was read"), "\(run.messages)")
    }

    /// `ulimit -f` and `-n` of the shell; the kernel and libdispatch would end the process.
    @Test func `limits of the process are errors, not signals`() throws {
        let rows = try folder.write(
            (0..<40).map {
                #"{"input":"\#(String(repeating: "n", count: 100))","position":\#($0),"total":40}"#
                    + "\n"
            }.joined(), to: "rows.jsonl")
        let output = folder.path("small.jsonl")
        for (limit, message) in [
            ("-f 1", "cannot write '\(output)': File too large"), ("-n 4", "Too many open files"),
        ] {
            let run = try CommandRun(
                Self.shell,
                [
                    "-c", "ulimit \(limit) && exec \"$@\"", "sh", CommandRun.binary.path, "merge",
                    rows,
                ]
                    + ["-o", output])
            #expect(run.status == 3)
            #expect(run.messages.contains(message), "\(run.messages)")
            #expect(!FileManager.default.fileExists(atPath: output))
        }
    }
}
