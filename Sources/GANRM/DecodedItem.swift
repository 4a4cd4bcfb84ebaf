import Frames
import Media
import Store

/// What a pipeline's decoding thread hands over.
enum DecodedItem: Sendable {
    /// With why it shows nothing and its number among the clips of its input, from 0.
    case clip(OpenedInput, Clip, Degeneracy?, number: Int)
    /// From the store.
    case encoded(OpenedInput, EncodedClip)
    /// With the place for its clips in the store, if they have one.
    case end(Request, InputOutcome, clipCount: Int, InputMemory.Place?)
    /// No further input can be answered; the last item.
    case broken(any Error)

    /// Clips that remain to be encoded.
    var cost: Int {
        if case .clip = self { 1 } else { 0 }
    }

    /// Whether it completes an input, or all of them.
    var isEnd: Bool {
        switch self {
        case .clip, .encoded: false
        case .end, .broken: true
        }
    }
}
