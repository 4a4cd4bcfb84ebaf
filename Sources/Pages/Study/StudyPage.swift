import Crypto
public import Evaluation
import Foundation
import Statistics
import TextFormats

/// The page of a blind pairwise comparison: pairs side by side, with random order and random sides.
///
/// Raters answer in a browser and save a file that `StudyAnswers` reads. Media files are named by
/// serial numbers. The chosen sample is on the left as often as on the right, to within one.
///
/// Source: arXiv 2506.13846, Estimate 10, the user study.
public struct StudyPage {
    /// The shuffled pairs with their sides.
    private let shuffledItems: [StudyKey.Item]
    private let title: String
    private let question: String

    /// - Parameters:
    ///   - title: The page's heading.
    ///   - question: The question above each pair.
    ///   - seed: Seed of the order and the sides. Use a different seed per rater to average out
    ///     order effects.
    public init(
        _ pairs: [StudyPair], title: String = "Which one is better?",
        question: String = "Which one do you prefer?", seed: UInt64 = 0
    ) {
        var generator = RandomGenerator(seed: seed, stream: .study)
        var order = Array(pairs.indices)
        generator.shuffle(&order)
        var sides = order.indices.map { $0 % 2 == 0 ? StudySide.left : .right }
        // With an odd number of pairs, a random side gets the extra one.
        if generator.below(2) == 1 { sides = sides.map(\.other) }
        generator.shuffle(&sides)
        shuffledItems = zip(order, sides).map { StudyKey.Item(pair: pairs[$0], chosenSide: $1) }
        self.title = title
        self.question = question
    }

    /// Writes the page and its media. A pair is left out if one of its samples cannot be shown.
    ///
    /// - Parameters:
    ///   - location: The page's file or folder.
    ///   - media: `.symlink`, `.hardlink`, `.copy` or `.embed`. References would reveal file names,
    ///     and
    ///     thumbnails would hide differences.
    ///   - onPair: Called after each pair with the reason why it is left out, or nil.
    /// - Returns: The page's size in bytes, without the files beside it; nil if no pair could be
    ///   shown and nothing was written.
    /// - Throws: `PagesError.file`, `.pageTooLarge`, and what `onPair` throws.
    public func write(
        to location: PageLocation, media: PageMediaMode,
        onPair: (_ failure: String?) throws -> Void = { _ in }
    ) throws -> Int? {
        precondition(media != .reference && media != .thumbnail)
        var mediaItems = PageAssets(media, at: location, replacesUnplayable: false)
        var kept: [StudyKey.Item] = []
        var items: [JSONValue] = []
        for item in shuffledItems {
            let pair = item.pair
            let inputs =
                item.chosenSide == .left
                ? [pair.chosen, pair.rejected] : [pair.rejected, pair.chosen]
            var members = [JSONValue.Member("prompt", .string(pair.prompt))]
            var failure: String?
            for (side, input) in zip([StudySide.left, .right], inputs) {
                let mediaItem = try mediaItems.item(of: input)
                failure = failure ?? mediaItem.failure
                members.append(.init(side.rawValue, .object(mediaItem.members)))
            }
            if failure == nil {
                kept.append(item)
                items.append(.object(members))
            }
            try onPair(failure)
        }
        guard !kept.isEmpty else { return nil }
        let key = StudyKey(kept).encoded
        let id = SHA256.hash(data: Data((title + question + key).utf8)).prefix(6)
            .map { String(format: "%02x", $0) }.joined()
        let page = HTMLPage.playing(
            title: title, style: PackageResources.study_css, script: PackageResources.study_js,
            data: [
                "id": .string(id), "title": .string(title),
                "media": .array(mediaItems.entries), "items": .array(items),
                "key": .string(key),
            ], body: body)
        return try location.write(page)
    }

    private var body: String {
        """
        <header><h1>\(title.escapedForHTML)</h1>
        <label>Your name <input id="rater" autocomplete="off"></label>
        <button type="button" id="save">Save answers</button></header>
        <p><label>Pair <span id="position" role="status"></span> \
        <progress id="progress" aria-label="answered pairs"></progress></label></p>
        <p id="unkept" class="notice" hidden>This browser keeps nothing: save the answers before you \
        close the page.</p>
        <noscript><p class="notice">This page needs its script, which loads nothing.</p></noscript>
        <main id="pair">
        <p id="question">\(question.escapedForHTML)</p>
        <p id="prompt" dir="auto"></p>
        <div id="sides"><section aria-labelledby="left-title"><h2 id="left-title">Left</h2>\
        <div id="left"></div></section>
        <section aria-labelledby="right-title"><h2 id="right-title">Right</h2>\
        <div id="right"></div></section></div>
        <p id="hint" class="notice" role="status"></p>
        <div class="answers">
        <button type="button" id="choose-left">Left <kbd>←</kbd></button>
        <button type="button" id="choose-equal">Equal <kbd>↓</kbd></button>
        <button type="button" id="choose-right">Right <kbd>→</kbd></button>
        </div>
        </main>
        <section id="over" hidden><h2 id="over-title" tabindex="-1">That was all. Thank you!</h2>
        <p>Save the answers and send the file to whoever asked you.</p>
        <button type="button" id="save-over">Save answers</button></section>
        <div class="others">
        <button type="button" id="play">Play</button>
        <button type="button" id="again">From the start <kbd>r</kbd></button>
        <button type="button" id="skip">Cannot tell, skip <kbd>s</kbd></button>
        <button type="button" id="undo">Undo <kbd>u</kbd></button>
        </div>

        """
    }
}
