import Crypto
import Foundation
import JSON
import Reward

/// A blind comparison for people: pairs side by side, in an order and on sides that chance decides.
///
/// The page is answered in a browser and gives a file that `StudyAnswers` reads. Files are shown under
/// numbers, and each side has the chosen one as often as the other, to within one.
///
/// Source: arXiv 2506.13846, Figure 10, the user study.
public struct StudyPage {
    /// Out of order, each with its side.
    private let drawn: [StudyKey.Item]
    private let title: String
    private let question: String

    /// - Parameter seed: Decides order and sides; give raters pages of several seeds, so that the order
    ///   is not the same for all.
    public init(
        _ pairs: [StudyPair], title: String = "Which one is better?",
        question: String = "Which one do you prefer?", seed: UInt64 = 0
    ) {
        var generator = RandomGenerator(seed: seed, stream: .study)
        var order = Array(pairs.indices)
        generator.shuffle(&order)
        var sides = order.indices.map { $0 % 2 == 0 ? StudySide.left : .right }
        // The odd one out is on no side by rule.
        if generator.below(2) == 1 { sides = sides.map(\.other) }
        generator.shuffle(&sides)
        drawn = zip(order, sides).map { StudyKey.Item(pair: pairs[$0], chosenSide: $1) }
        self.title = title
        self.question = question
    }

    /// Writes the page and what it shows. A pair of which either cannot be shown is left out.
    ///
    /// - Parameters:
    ///   - media: `.symlink`, `.hardlink`, `.copy` or `.embed`; by reference the names would show, and
    ///     small copies hide what is to be compared.
    ///   - onPair: Called after each pair, with why it is left out or with nil.
    /// - Returns: The page's size in bytes, without the files beside it; nil if no pair could be shown
    ///   and nothing was written.
    /// - Throws: `GANRMError.unwritable`, `.pageTooLarge`, and what `onPair` throws.
    public func write(
        to place: PagePlace, media: PageMedia,
        onPair: (_ failure: String?) throws -> Void = { _ in }
    ) throws -> Int? {
        precondition(media != .reference && media != .thumbnail)
        var shelf = MediaShelf(media, at: place, replacesUnplayable: false)
        var kept: [StudyKey.Item] = []
        var items: [JSONValue] = []
        for item in drawn {
            let pair = item.pair
            let inputs =
                item.chosenSide == .left
                ? [pair.chosen, pair.rejected] : [pair.rejected, pair.chosen]
            var members = [JSONValue.Member("prompt", .string(pair.prompt))]
            var failure: String?
            for (side, input) in zip([StudySide.left, .right], inputs) {
                let found = try shelf.item(of: input)
                failure = failure ?? found.failure
                members.append(.init(side.rawValue, .object(found.members)))
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
            data: .object([
                .init("id", .string(id)), .init("title", .string(title)),
                .init("media", .array(shelf.entries)), .init("items", .array(items)),
                .init("key", .string(key)),
            ]), body: body)
        return try place.write(page)
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
