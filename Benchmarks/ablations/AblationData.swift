import Pipeline
import TextFormats

/// The embedding of a clip or of a degraded copy.
struct Clip {
    /// Path of the original.
    let path: String
    let isProxy: Bool
    let group: String
    /// Kind and strength of the degradation; nil for an original.
    let damage: (kind: String, strength: Int)?
    /// Embeddings of all blocks, concatenated.
    let embedding: [Float]
}

/// The embeddings that scripts/ablations has computed.
struct AblationData {
    /// The encoder blocks in `clips`, `copies` and `ladder`, in the order of their columns.
    static let blocks = [2, 4, 6, 8, 9, 10, 11, 12]
    static let trainedKinds = ["blur", "noise", "blocks", "colour", "resolution"]
    static let ladderKinds = trainedKinds + ["freeze", "shuffle"]

    let clips: [Clip]
    /// Degraded copies for training, by their original's path.
    let copies: [String: [Clip]]
    /// Degraded copies of every kind and strength, by their original's path.
    let ladder: [String: [Clip]]
    /// Clips with block 11 only, by number of frames: 1, 2 and 4.
    let byFrames: [Int: [Clip]]

    init(folder: String) throws {
        func load(_ name: String) throws -> [Clip] {
            let set = try EmbeddingSet(path: "\(folder)/\(name).safetensors")
            return zip(set.inputs, set.vectors).map { row, embedding in
                Clip(
                    path: row["input"]?.stringValue ?? "",
                    isProxy: row["side"]?.stringValue == "proxy",
                    group: row["group"]?.stringValue ?? "",
                    damage: row["degradation"].map {
                        ($0["kind"]?.stringValue ?? "", $0["strength"]?.integerValue ?? 0)
                    }, embedding: embedding)
            }
        }
        clips = try load("clips")
        copies = Dictionary(grouping: try load("copies"), by: \.path)
        ladder = Dictionary(grouping: try load("ladder"), by: \.path)
        var byFrames: [Int: [Clip]] = [:]
        for frames in [1, 2, 4] { byFrames[frames] = try load("frames-\(frames)") }
        self.byFrames = byFrames
    }
}
