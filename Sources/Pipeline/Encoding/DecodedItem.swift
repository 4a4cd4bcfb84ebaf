import Frames
import Media
import Store

/// An item that a pipeline's decoding thread passes to the encoding thread.
enum DecodedItem: Sendable {
    /// A clip to encode, why it is degenerate, if it is, and its index among the input's clips,
    /// from 0.
    case clip(OpenedInput, Clip, Degeneracy?, number: Int)
    /// A clip whose embedding was cached.
    case encoded(OpenedInput, EncodedClip)
    /// The end of an input, and where to cache its clips; nil if they are not cached.
    case end(Request, InputOutcome, clipCount: Int, InputCache.Key?)
    /// An error that ends the run; always the last item.
    case broken(any Error)

    /// Number of clips to encode.
    var cost: Int {
        if case .clip = self { 1 } else { 0 }
    }

    /// Whether the item completes an input or the run.
    var isEnd: Bool {
        switch self {
        case .clip, .encoded: false
        case .end, .broken: true
        }
    }
}
