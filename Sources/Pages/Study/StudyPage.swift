import Crypto
public import Evaluation
import Foundation
import Statistics
import TextFormats

/// The page of a blind pairwise comparison: pairs side by side, with random order and random sides.
///
/// Raters are asked one question about each pair, whose samples are named A (left) and B (right).
/// They answer in a browser and save a file that `StudyAnswers` reads. Media files are named by
/// serial numbers. The chosen sample is on the left as often as on the right, to within one.
///
/// Source: arXiv 2506.13846, Estimate 10, the user study.
public struct StudyPage {
    /// The heading; it asks nothing, so that the page has one question.
    public static let defaultTitle = "Comparison"
    public static let defaultQuestion = "Which one do you prefer, A or B?"

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
        _ pairs: [StudyPair], title: String = StudyPage.defaultTitle,
        question: String = StudyPage.defaultQuestion, seed: UInt64 = 0
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
    ///     and thumbnails would hide differences.
    ///   - folders: The folders in which samples are looked for.
    ///   - onPair: Called after each pair with the reason why it is left out, or nil.
    /// - Returns: The page's size and what it cannot show. The size is 0 if no pair can be shown and
    ///   nothing was written.
    /// - Throws: `PagesError.file`, `.pageTooLarge`, and what `onPair` throws.
    public func write(
        to location: PageLocation, media: PageMediaMode, in folders: MediaFolders = .init(),
        onPair: (_ failure: String?) throws -> Void = { _ in }
    ) throws -> WrittenPage {
        precondition(media != .reference && media != .thumbnail)
        var mediaItems = PageAssets(
            media, at: location, in: folders, replacesUnplayable: false)
        var failures: [MissingMedia.Failure] = []
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
                failure = failure ?? mediaItem.failure?.reason
                if let failure = mediaItem.failure { failures.append(failure) }
                members.append(.init(side.rawValue, .object(mediaItem.members)))
            }
            if failure == nil {
                kept.append(item)
                items.append(.object(members))
            }
            try onPair(failure)
        }
        let missing = MissingMedia.grouped(failures)
        guard !kept.isEmpty else { return WrittenPage(byteCount: 0, missing: missing) }
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
        return WrittenPage(byteCount: try location.write(page), missing: missing)
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
        <div id="sides"><section aria-labelledby="left-title"><h2 id="left-title">A</h2>\
        <div id="left"></div></section>
        <section aria-labelledby="right-title"><h2 id="right-title">B</h2>\
        <div id="right"></div></section></div>
        <p id="hint" class="notice" role="status"></p>
        <div class="answers">
        <button type="button" id="choose-left">A <kbd>←</kbd></button>
        <button type="button" id="choose-equal">Tie <kbd>↓</kbd></button>
        <button type="button" id="choose-right">B <kbd>→</kbd></button>
        </div>
        </main>
        <section id="over" hidden><h2 id="over-title" tabindex="-1">That was all. Thank you!</h2>
        <p>Save the answers and send the file to whoever asked you.</p>
        <button type="button" id="save-over">Save answers</button></section>
        <div class="others">
        <button type="button" id="play">Play</button>
        <button type="button" id="again">From the start <kbd>r</kbd></button>
        <button type="button" id="skip">Cannot see them, skip <kbd>s</kbd></button>
        <button type="button" id="undo">Undo <kbd>u</kbd></button>
        </div>

        """
    }
}
