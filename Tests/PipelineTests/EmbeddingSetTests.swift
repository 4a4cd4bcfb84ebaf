import Encoders
import Frames
import Pipeline
import Tensors
import Testing
import TestModels
import TestSupport
import TextFormats

@Suite struct EmbeddingSetTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test(arguments: [
        (#""embeddingWidth":4"#, #""embeddingWidth":5"#),
        (
            #""embeddingWidth":4"#,
            #""motion":{"block":1,"burst":4,"revision":2},"embeddingWidth":4"#
        ),
        (
            #""embeddingWidth":4"#,
            #""motion":{"block":1,"burst":4,"revision":2},"embeddingWidth":-9223372036854775808"#
        ),
    ])
    func `a file whose width is not the encoder's is refused`(
        valid: String, invalid: String
    ) throws {
        let path = folder.path("embeddings.safetensors")
        var set = EmbeddingSet(
            encoders: [.video: identity(width: 4)], sampling: .uniform(UniformSampling()))
        set.append([1, 2, 3, 4], input: ["input": "a.mp4"])
        try set.write(to: path)
        #expect(try EmbeddingSet(path: path).contents == [[1, 2, 3, 4]])
        let file = try WeightFile.open(path)
        var metadata = file.metadata
        let encoders = try #require(metadata["encoders"])
        #expect(encoders.contains(valid))
        metadata["encoders"] = encoders.replacing(valid, with: invalid)
        try Safetensors.write(stored: file.tensors, metadata: metadata, to: path)
        #expect(throws: PipelineError.self) { try EmbeddingSet(path: path) }
    }
}
