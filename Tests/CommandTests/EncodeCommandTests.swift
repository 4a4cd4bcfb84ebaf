import Foundation
import Pipeline
import Testing
import TestModels
import TestSupport
import TextFormats

@Suite struct EncodeCommandTests {
    @Test func `rows have the properties of the input, not of the request`() throws {
        let model = try TinyModel()
        let media = try TestMedia()
        let video = try media.video("a.mp4")
        let list = try media.folder.write(
            #"{"path":"\#(video)","group":"g","width":1,"kind":"image","indices":2}"#,
            to: "list.jsonl")
        let output = media.folder.path("embeddings.safetensors")
        let run = try CommandRun.ganrm(
            ["encode", "--list", list, "-o", output] + model.encoderOptions)
        #expect(run.status == 0)
        let row = try #require(EmbeddingSet(path: output).inputs.first)
        #expect(
            row.description == """
                {"group":"g","input":"\(video)","kind":"video","width":64,"height":48,\
                "codec":"h264","frames":24,"frame_rate":8.0,"duration":3.0}
                """)
    }

    /// 864 MB for the frame of 12000 × 9000 pixels and for its conversion.
    @Test func `memory that is refused fails the input, not the run`() throws {
        let model = try TinyModel()
        let media = try TestMedia()
        let small = try media.folder.make("a.png", source: "testsrc2=s=64x48", "-frames:v 1")
        let large = try media.folder.make("b.png", source: "color=s=12000x9000", "-frames:v 1")
        let output = media.folder.path("embeddings.safetensors")
        let run = try CommandRun(
            URL(fileURLWithPath: "/bin/sh"),
            ["-c", #"ulimit -v 800000; exec "$@""#, "sh", CommandRun.binary.path, "encode"]
                + [small, large, small, "-o", output, "--no-store"] + model.encoderOptions)
        #expect(run.status == 1, "\(run.messages)")
        #expect(run.messages.contains("there is not enough memory to read '\(large)'"))
        #expect(try EmbeddingSet(path: output).inputs.count == 2)
    }

    @Test func `an interrupted file of embeddings is not written`() throws {
        let model = try TinyModel()
        let media = try TestMedia()
        let video = try media.video("a.mp4")
        let outputs = try TemporaryFolder()
        let output = try outputs.write("old", to: "embeddings.safetensors")
        let live = media.folder.path("live")
        try #require(mkfifo(live, 0o600) == 0)
        let run = try BackgroundProcess(
            CommandRun.binary,
            ["encode", video, live, "-o", output, "--no-store"] + model.encoderOptions)
        // The pipe can be opened once the command reads it. If it ended, all inputs would be there.
        let writer = try FileHandle(forWritingTo: URL(fileURLWithPath: live))
        defer { try? writer.close() }
        run.send(SIGINT)
        #expect(try run.end() == 130)
        #expect(
            run.messages.hasSuffix("ganrm: interrupted; nothing is written\n"), "\(run.messages)")
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: outputs.path)
                == ["embeddings.safetensors"])
        #expect(try outputs.text("embeddings.safetensors") == "old")
    }
}
