import Foundation
import Frames
import Media
import Scoring
import Store
import Synchronization

/// A pipeline's access to its embedding cache: looks up files by content and recipe, and collects
/// the clips of the current input.
final class InputCache: Sendable {
    /// The cache key of an input, except for the recipe, which also depends on the input's kind.
    struct Key: Sendable {
        let path: String
        let content: FileSnapshot
        let options: MediaOptions
        /// Keeps open what the path is of.
        var extent: FileExtent?
    }

    private let store: EmbeddingStore
    private let encoders: EncoderSet
    private let samplingPlan: SamplingPlan

    private struct State {
        /// Recipes for the last media options; most runs read all inputs with the same options.
        var recipes: (options: MediaOptions, byKind: [MediaKind: EmbeddingRecipe])?
        /// Clips of the current input; nil if they are too large to be stored.
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

    /// The cache key of a request's input; nil if it is not a regular file or may open other files.
    func key(for request: Request, options: MediaOptions) -> Key? {
        let (source, options) = request.source.resolved(options)
        guard !options.allowsNestedInputs else { return nil }
        // What cannot be found is reported when it is opened.
        guard let extent = try? source.extent() else {
            guard case .path(let path) = source, let content = store.content(ofFile: path) else {
                return nil
            }
            return Key(path: path, content: content, options: options)
        }
        defer { withExtendedLifetime(extent) {} }
        guard let content = store.content(ofFile: extent.path, range: extent.range) else {
            return nil
        }
        return Key(path: extent.path, content: content, options: options, extent: extent)
    }

    /// The cached embeddings of an input, and their sampling; nil if there are none.
    func find(_ key: Key) -> (Sampling, EncodedInput)? {
        store.find(key.content, by: recipes(for: key.options)).map {
            ($0.recipe.sampling, $0.input)
        }
    }

    /// Adds an encoded clip of the current input.
    func collect(_ clip: EncodedClip) {
        state.withLock { state in
            state.byteCount += 4 * clip.embedding.count
            if state.byteCount > EmbeddingStore.maximumInputBytes { state.clips = nil }
            state.clips?.append(clip)
        }
    }

    /// Ends the current input, and stores it if it is finished and has a key.
    func end(_ outcome: InputOutcome, at key: Key?) {
        let clips = state.withLock { state in
            defer {
                state.clips = []
                state.byteCount = 0
            }
            return state.clips
        }
        guard let key, let clips, !clips.isEmpty, case .finished(let summary, _) = outcome,
            let recipe = recipes(for: key.options)[summary.info.kind]
        else { return }
        store.insert(
            EncodedInput(summary: summary, clips: clips), of: key.content, at: key.path,
            by: recipe)
    }

    /// The recipes for files, by kind. A kind without an encoder is omitted; the pipeline reports
    /// it when it opens an input of this kind.
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
