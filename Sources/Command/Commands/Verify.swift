import ArgumentParser
import Encoders
import Files
import Foundation
import Pipeline

struct Verify: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Check that this installation reproduces the reference scores.",
        discussion: """
            Prints processor, FFmpeg version, model and encoder, generates reference clips with \
            FFmpeg's sources, scores them at every CPU level and precision that the processor supports \
            (or at those of --cpu-level and --precision) and compares the logits with the reference. \
            The exit code is 0 if all agree and 1 if one differs. Only the default reward model has \
            reference scores; with another one, the clips are scored but not compared.
            """)

    @OptionGroup(title: "Encoder") var encoder: EncoderOptions

    @Option(help: "The reward model: a file or folder, or default.", completion: .rewardModels)
    var model = "default"

    @Option(help: ArgumentHelp("Write the scores down as the expected ones.", visibility: .hidden))
    var write: String?

    func run() throws {
        let verification = try Verification(
            model: model, loading: encoder.loading, usesReference: write == nil)
        if let write { return try verification.write(to: write) }
        let writer = LineWriter()
        for (name, value) in try verification.environmentSummary() {
            try writer.write(text: name.padding(toLength: 12, withPad: " ", startingAt: 0) + value)
        }
        try writer.write(
            text: "\nclip         level        precision  expected     found  difference  tolerance"
        )
        var rows: [Verification.Row] = []
        let levels = try encoder.chosenCPULevel().map { [$0] } ?? CPULevel.available
        try verification.run(levels: levels) { row in
            rows.append(row)
            try writer.write(text: Self.line(row))
        }
        let wrong = rows.count { !$0.isWithinTolerance }
        if wrong > 0 {
            try writer.write(text: "\n\(wrong) of \(rows.count) scores are not what they must be")
            throw ExitStatus.someInputsFailed
        }
        let compared = rows.count { $0.expected != nil }
        try writer.write(
            text: compared == rows.count
                ? "\nall \(rows.count) scores are what they must be"
                : "\n\(rows.count) scores, \(compared) of them compared: only the default reward "
                    + "model has expected scores")
    }

    private static func line(_ row: Verification.Row) -> String {
        func number(_ value: Double?, width: Int, digits: Int) -> String {
            let text = value.map { String(format: "%.\(digits)f", $0) } ?? "-"
            return String(repeating: " ", count: max(0, width - text.count)) + text
        }
        return row.clip.padding(toLength: 13, withPad: " ", startingAt: 0)
            + row.level.name.padding(toLength: 13, withPad: " ", startingAt: 0)
            + row.precision.rawValue.padding(toLength: 9, withPad: " ", startingAt: 0)
            + number(row.expected, width: 10, digits: 5)
            + number(row.found, width: 10, digits: 5)
            + number(row.difference, width: 12, digits: 6)
            + number(Verification.tolerance(of: row.precision), width: 11, digits: 4)
            + (row.isWithinTolerance
                ? row.expected == nil ? "  not compared" : "  fine" : "  WRONG")
    }
}
