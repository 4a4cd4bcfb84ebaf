import Foundation
import TextFormats

/// The answer key of a study: its pairs in page order, and the side of each chosen sample.
///
/// The page holds the key and saves it with the answers. Its base64 encoding only keeps raters from
/// seeing it by accident; it is not encrypted.
package struct StudyKey {
    package struct Item {
        package let pair: StudyPair
        /// The side on which the chosen sample is shown.
        package let chosenSide: StudySide

        package init(pair: StudyPair, chosenSide: StudySide) {
            self.pair = pair
            self.chosenSide = chosenSide
        }
    }

    /// The pairs, in page order.
    let items: [Item]

    package init(_ items: [Item]) { self.items = items }

    /// - Returns: Nil if the text is not a valid key.
    init?(encoded: String) {
        guard let data = Data(base64Encoded: encoded),
            let rows = try? JSONValue(parsing: String(decoding: data, as: UTF8.self)).arrayValue
        else { return nil }
        var items: [Item] = []
        for row in rows {
            guard let pair = StudyPair(row: row),
                let side = row["side"]?.stringValue.flatMap(StudySide.init)
            else { return nil }
            items.append(Item(pair: pair, chosenSide: side))
        }
        self.init(items)
    }

    /// The key as base64-encoded JSON.
    package var encoded: String {
        let rows = items.map { item in
            JSONValue.object(
                item.pair.members + [.init("side", .string(item.chosenSide.rawValue))])
        }
        return Data(JSONValue.array(rows).description.utf8).base64EncodedString()
    }
}
