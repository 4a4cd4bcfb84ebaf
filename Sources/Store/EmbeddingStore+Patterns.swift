internal import Crypto
internal import Foundation
internal import Frames
public import Media

/// Embeddings of synthetic clips, keyed by their filter graph and number of frames.
extension EmbeddingStore {
    /// Looks up the clip's embedding with this recipe; nil if it is not stored.
    public func find(pattern: LavfiVideo, by recipe: EmbeddingRecipe) -> EncodedClip? {
        input(of: Self.digest(of: pattern), kind: .video, by: recipe)?.clips.first
    }

    /// Stores the clip's embedding.
    public func insert(_ clip: EncodedClip, pattern: LavfiVideo, by recipe: EmbeddingRecipe) {
        let info = MediaInfo(
            kind: .video, width: 0, height: 0, frameRate: nil, durationSeconds: nil,
            formatName: "lavfi", codecName: "wrapped_avframe")
        let input = EncodedInput(
            summary: ReadSummary(
                info: info, frameCount: pattern.frameCount, durationSeconds: nil, truncation: nil),
            clips: [clip])
        write { db in
            let id = try Self.id(of: recipe, db)
            try InputRow.insert(input, content: Self.digest(of: pattern), recipe: id, db)
        }
    }

    private static func digest(of pattern: LavfiVideo) -> Data {
        Data(SHA256.hash(data: Data("lavfi \(pattern.frameCount) \(pattern.graph)".utf8)))
    }
}
