import Foundation
import JSON

/// What one person answered, as the page of a study saved it.
public struct StudyAnswers: Sendable, Hashable {
    /// What somebody thinks of a pair.
    public enum Preference: String, Sendable, Hashable {
        case chosen, rejected, tie
    }

    public struct Answer: Sendable, Hashable {
        public let pair: StudyPair
        /// Nil: skipped.
        public let preference: Preference?
        /// The side that was preferred; nil for a tie.
        public let side: StudySide?
    }

    /// What the rater called themselves, or the file.
    public let rater: String
    public let answers: [Answer]
    /// Pairs of the page.
    public let pairCount: Int

    /// Reads a file, which comes from a stranger.
    ///
    /// - Throws: `GANRMError.unreadable`, `.notAnswers`.
    public init(reading path: String) throws(GANRMError) {
        let row: JSONValue
        do {
            row = try JSONValue(parsing: EvidenceFile.text(of: path))
        } catch let error as GANRMError {
            throw error
        } catch {
            throw .notAnswers(path: path, reason: "\(error)")
        }
        guard let key = row["key"]?.stringValue.flatMap(StudyKey.init(encoded:)),
            let lines = row["answers"]?.arrayValue
        else {
            throw .notAnswers(
                path: path,
                reason: "there are no keys \"answers\" and \"key\" as its page saves them")
        }
        var seen: Set<Int> = []
        var answers: [Answer] = []
        for line in lines {
            guard let place = line["item"]?.integerValue, key.items.indices.contains(place),
                seen.insert(place).inserted, let word = line["answer"]?.stringValue
            else {
                throw .notAnswers(
                    path: path,
                    reason: "an answer names no pair of the study, or one for the second time")
            }
            let item = key.items[place]
            let side = StudySide(rawValue: word)
            let preference: Preference? =
                side.map { $0 == item.chosenSide ? .chosen : .rejected }
                ?? (word == "equal" ? .tie : nil)
            guard preference != nil || word == "skip" else {
                throw .notAnswers(path: path, reason: "'\(word)' is no answer")
            }
            answers.append(Answer(pair: item.pair, preference: preference, side: side))
        }
        let name = row["rater"]?.stringValue ?? ""
        rater = name.isEmpty ? path : name
        self.answers = answers
        pairCount = key.items.count
    }
}
