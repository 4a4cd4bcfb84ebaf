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
}
