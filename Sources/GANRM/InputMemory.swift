import Encoders
import Foundation
import Frames
import Media
import Scoring
import Store
import Synchronization

/// What a pipeline knows of a store: which file is which, how it would be embedded, and the clips of
/// the input in hand.
final class InputMemory: Sendable {
    /// Where an input's embeddings belong in the store.
    struct Place: Sendable {
        let path: String
        let content: FileContent
        let options: MediaOptions
    }

    private let store: EmbeddingStore
    private let encoders: EncoderSet
    private let samplingPlan: SamplingPlan

    private struct State {
        /// Recipes by kind, and what they were made for: mostly all inputs are read in one way.
        var recipes: (options: MediaOptions, byKind: [MediaKind: EmbeddingRecipe])?
        /// Clips of the input in hand; nil when they are too many to be stored.
        var clips: [EncodedClip]? = []
        var byteCount = 0
    }
    private let state = Mutex(State())

    init(
        store: EmbeddingStore, encoders: EncoderSet, samplingPlan: SamplingPlan
    ) {
        self.store = store
        self.encoders = encoders
        self.samplingPlan = samplingPlan
    }

    /// The place of a request's input; nil for what is no regular file, or may consist of several.
    func place(of request: Request, options: MediaOptions) -> Place? {
        let (source, options) = request.source.resolved(options)
        guard case .path(let path) = source, !options.allowsNestedInputs,
            let content = store.content(ofFile: path)
        else { return nil }
        return Place(path: path, content: content, options: options)
    }

    /// What was encoded of an input before, and how it was sampled.
    func find(_ place: Place) -> (Sampling, EncodedInput)? {
        store.find(place.content, by: recipes(for: place.options)).map {
            ($0.recipe.sampling, $0.input)
        }
    }

    /// A clip of the input in hand was encoded.
    func collect(_ clip: EncodedClip) {
        state.withLock { state in
            state.byteCount += 4 * clip.embedding.count
            if state.byteCount > EmbeddingStore.largestInput { state.clips = nil }
            state.clips?.append(clip)
        }
    }

    /// The input in hand has ended; it is stored if it is finished and has a place.
    func end(_ outcome: InputOutcome, at place: Place?) {
        let clips = state.withLock { state in
            defer {
                state.clips = []
                state.byteCount = 0
            }
            return state.clips
        }
        guard let place, let clips, !clips.isEmpty, case .finished(let summary, _) = outcome,
            let recipe = recipes(for: place.options)[summary.info.kind]
        else { return }
        store.insert(
            EncodedInput(summary: summary, clips: clips), of: place.content, at: place.path,
            by: recipe)
    }

    /// How a file would be embedded, by what it turns out to be. A kind whose encoder is not there is
    /// left out: that is said when such an input comes.
    private func recipes(for options: MediaOptions) -> [MediaKind: EmbeddingRecipe] {
        if let known = state.withLock(\.recipes), known.options == options { return known.byKind }
        var recipes: [MediaKind: EmbeddingRecipe] = [:]
        for kind in MediaKind.allCases {
            guard let identity = try? encoders.identity(for: kind) else { continue }
            recipes[kind] = EmbeddingRecipe(
                encoder: identity, precision: encoders.precision,
                sampling: samplingPlan.sampling(for: kind, isStream: false), options: options)
        }
        state.withLock { [recipes] in $0.recipes = (options, recipes) }
        return recipes
    }
}
