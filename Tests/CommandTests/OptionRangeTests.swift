import Testing
import TestSupport

/// Every number that an option takes has a range; a value outside of it is a usage error.
@Suite struct OptionRangeTests {
    static let huge = String(Int.max)

    @Test(arguments: [
        ("score a.mp4 --timeout", ["inf", "nan", "0", "-1", "1e300"]),
        ("score a.mp4 --duration-limit", ["nan", "inf", "-1"]),
        ("score a.mp4 --pixel-limit", ["0", "-1", huge]),
        ("score a.mp4 --batch", ["0", "4097", huge, "-9223372036854775808"]),
        ("score a.mp4 --threads", ["0", "1025", huge]),
        ("score a.mp4 --frames", ["0", "4097", huge]), ("score a.mp4 --stride", ["0", huge]),
        ("score a.mp4 --hop", ["0", huge]), ("score a.mp4 --burst", ["0", huge]),
        ("score a.mp4 --clip-rate", ["0", "inf", "nan", "1e9"]),
        ("encode a.mp4 -o b --motion", ["0", huge]),
        ("rank . --grid-padding", ["-1", huge]), ("rank . --first-number", ["-1", huge]),
        ("rank . --max-unfamiliar", ["nan", "101"]), ("rank . --crf", ["-1", "52"]),
        ("pairs . --min-margin", ["nan", "inf", "-1"]), ("pairs . --max-spread", ["nan", "inf"]),
        ("pairs . --sample", ["0", huge]), ("pairs . --max-pairs-per-prompt", ["0", huge]),
        ("pairs . --min-seconds", ["nan", "inf"]), ("pairs . --min-frames", ["0", huge]),
        ("segments rows.jsonl --best", ["-1", huge]),
        ("segments rows.jsonl --min-length", ["0", "nan", "inf"]),
        ("segments rows.jsonl --min-score", ["nan", "2"]),
        ("segments rows.jsonl --penalty", ["inf", "nan", "0"]),
        ("metrics a.png --metrics clipscore --frames", ["0", "4097", huge]),
        ("metrics a.png --metrics clipscore --first-number", ["-1", huge]),
        ("eval --scores - --resamples", ["0", huge]),
        ("study results - --resamples", ["0", huge]),
        ("store prune --store x --idle-days", ["-1", huge, "-9223372036854775808"]),
        ("bench --random-weights --encoder clip-vit-b16 --runs", ["0", huge]),
        ("train --proxy a --generated b -o c --perturb", ["-1", huge]),
    ])
    func `a value out of range is a usage error`(command: String, values: [String]) throws {
        let words = command.split(separator: " ").map(String.init)
        let option = try #require(words.last)
        for value in values {
            let run = try CommandRun.ganrm(words.dropLast() + ["\(option)=\(value)"])
            #expect(run.status == 2, "\(option)=\(value): \(run.status), \(run.messages)")
            #expect(run.messages.contains(option), "\(value): \(run.messages)")
            #expect(run.output == "")
        }
    }
}
