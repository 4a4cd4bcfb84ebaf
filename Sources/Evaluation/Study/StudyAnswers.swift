import Files
import Foundation
import TextFormats

/// The answers of one rater, as saved by the page of a study.
public struct StudyAnswers: Sendable, Hashable {
    /// A rater's preference for a pair.
    public enum Preference: String, Sendable, Hashable {
        case chosen, rejected, tie
    }

    public struct Answer: Sendable, Hashable {
        public let pair: StudyPair
        /// Nil if the pair was skipped.
        public let preference: Preference?
        /// The preferred side; nil for a tie or a skipped pair.
        public let side: StudySide?
    }

    /// The name that the rater entered, or the file's path.
    public let rater: String
    public let answers: [Answer]
    /// Number of pairs on the page, answered or not.
    public let pairCount: Int

    /// Reads a file of answers. The file is untrusted, so everything in it is validated.
    ///
    /// - Throws: `EvaluationError.file`, `.notAnswers`.
    public init(reading path: String) throws(EvaluationError) {
        let row: JSONValue
        do {
            row = try JSONValue(parsing: WholeFile.text(path, failing: EvaluationError.file))
        } catch let error as EvaluationError {
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
            guard let index = line["item"]?.integerValue, key.items.indices.contains(index),
                seen.insert(index).inserted, let answer = line["answer"]?.stringValue
            else {
                throw .notAnswers(
                    path: path,
                    reason: "an answer names no pair of the study, or one for the second time")
            }
            let item = key.items[index]
            let side = StudySide(rawValue: answer)
            let preference: Preference? =
                side.map { $0 == item.chosenSide ? .chosen : .rejected }
                ?? (answer == "equal" ? .tie : nil)
            guard preference != nil || answer == "skip" else {
                throw .notAnswers(path: path, reason: "'\(answer)' is no answer")
            }
            answers.append(Answer(pair: item.pair, preference: preference, side: side))
        }
        let name = row["rater"]?.stringValue ?? ""
        rater = name.isEmpty ? path : name
        self.answers = answers
        pairCount = key.items.count
    }
}
