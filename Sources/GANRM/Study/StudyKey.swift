import Foundation
import JSON

/// What a study's page shows where: kept from those who answer, brought back with their answers.
///
/// It is encoded in base64, to be out of sight, not to be a secret: who wants to cheat can read it.
struct StudyKey {
    struct Item {
        let pair: StudyPair
        /// Where the chosen one is.
        let chosenSide: StudySide
    }

    /// In the order of the page.
    let items: [Item]

    init(_ items: [Item]) { self.items = items }

    /// Nil for a text that is no key.
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

    var encoded: String {
        let rows = items.map { item in
            JSONValue.object(
                (item.pair.json.members ?? [])
                    + [.init("side", .string(item.chosenSide.rawValue))])
        }
        return Data(JSONValue.array(rows).description.utf8).base64EncodedString()
    }
}
