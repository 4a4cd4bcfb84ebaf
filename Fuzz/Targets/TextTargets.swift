import Evaluation
import Foundation
import Media
import Metrics
import Pipeline
import Preference
import Rounds
import Scoring
import TestSupport
import TextFormats
import Tokenizers

/// Files of text: JSON, CSV, YAML.
extension FuzzTarget {
    static let json = FuzzTarget(name: "json") { _ in
        try Fixture.files("reward", ".json") + Fixture.files("evaluation", ".json")
    } open: { _ in
        { bytes in
            let value = try JSONValue(parsing: bytes)
            let text = value.description
            expect(text.utf8.allSatisfy { $0 >= 0x20 }, "a control character")
            expect((try? JSONValue(parsing: text)) == value, "another value is written: \(text)")
        }
    }

    /// Media in base64 that are taken out of lines of JSON; the same whatever the pieces in which they arrive.
    static let jsonTexts = FuzzTarget(name: "json-texts") { folder in
        [
            try folder.write(
                "{\"id\":1,\"media\":[[\"QUJD\",\"QQ==\"],\"A\\/\\u002b=\"]}\n{\"media\":\"",
                to: "lines")
        ]
    } open: { _ in
        { bytes in
            func extract(pieces count: Int) -> (rest: [UInt8], texts: [[UInt8]]) {
                var extractor = JSONTextExtractor(keys: ["media"], isLines: true)
                var decoder = Base64Decoder()
                var texts: [[UInt8]] = []
                for begin in stride(from: 0, to: bytes.count, by: count) {
                    let piece = bytes[begin..<min(begin + count, bytes.count)]
                    extractor.read(UnsafeRawBufferPointer(rebasing: piece)) { event in
                        switch event {
                        case .began:
                            decoder = Base64Decoder()
                            texts.append([])
                        case .bytes(let text): decoder.decode(text, into: &texts[texts.count - 1])
                        case .ended: _ = decoder.finish(into: &texts[texts.count - 1])
                        }
                    }
                }
                return (extractor.rest, texts)
            }
            let (whole, pieces) = (extract(pieces: max(bytes.count, 1)), extract(pieces: 3))
            expect(whole.rest == pieces.rest && whole.texts == pieces.texts, "pieces differ")
        }
    }

    /// A body of several parts; the same whatever the pieces in which it arrives.
    static let multipart = FuzzTarget(name: "multipart") { folder in
        [
            try folder.write(
                "--x\r\nContent-Disposition: form-data; name=\"a\"; filename=\"b%22.mp4\"\r\n\r\nabc\r\n--x\r\n\r\n\r\n--x--",
                to: "form")
        ]
    } open: { _ in
        { bytes in
            func parse(pieces count: Int) -> (parts: [MultipartParser.Part], contents: [[UInt8]])? {
                guard var parser = try? MultipartParser(contentType: "multipart/mixed; boundary=x")
                else { return nil }
                var found: (parts: [MultipartParser.Part], contents: [[UInt8]]) = ([], [])
                do throws(MultipartParser.Problem) {
                    for begin in stride(from: 0, to: bytes.count, by: count) {
                        let piece = bytes[begin..<min(begin + count, bytes.count)]
                        try parser.read(UnsafeRawBufferPointer(rebasing: piece), failing: { $0 }) {
                            (event) throws(MultipartParser.Problem) in
                            switch event {
                            case .began(let part):
                                found.parts.append(part)
                                found.contents.append([])
                            case .bytes(let content):
                                found.contents[found.contents.count - 1] += content
                            case .ended: break
                            }
                        }
                    }
                } catch {
                    return nil
                }
                return parser.isComplete ? found : nil
            }
            let (whole, pieces) = (parse(pieces: max(bytes.count, 1)), parse(pieces: 5))
            expect(
                whole?.parts == pieces?.parts && whole?.contents == pieces?.contents,
                "pieces differ")
        }
    }

    static let csv = FuzzTarget(name: "csv") { folder in
        [try folder.write("input,rating\na.mp4,1\n\"b,\"\"c\"\".mp4\",2\r\n", to: "ratings.csv")]
    } open: { _ in
        { bytes in
            let table = try CSVTable(parsing: bytes)
            for row in table.rows {
                expect(row.fields.count == table.header.count, "fields are missing")
            }
            let text = ([table.header] + table.rows.map(\.fields)).map(CSVLine.text)
                .joined(separator: "\n")
            let copy = try? CSVTable(parsing: text)
            expect(copy?.header == table.header, "another header is written: \(text)")
            expect(
                copy?.rows.map(\.fields) == table.rows.map(\.fields),
                "other rows are written: \(text)")
        }
    }

    /// A vocabulary of a few merges, and a text, behind the first empty line.
    static let vocabulary = FuzzTarget(name: "vocabulary") { folder in
        let merges = ["#version: 0.2", "t h", "th e</w>", "a n", "an d</w>"].joined(separator: "\n")
        return [
            try folder.write(
                merges + "\n\nThe &amp; \u{201c}fox\u{201d} isn\u{2019}t \u{1f98a} caf\u{c3}\u{a9}",
                to: "prompt"),
            try folder.write(
                merges + "\n\n<|endoftext|> \u{1b}[1m &#x1F600; \u{ff21}\u{fb01} \u{3a3}\u{3a3}",
                to: "special"),
        ]
    } open: { folder in
        { bytes in
            let vocabulary = try BytePairVocabulary(
                path: folder.write(bytes, to: "merges.txt"), count: 514 + 4)
            let text = String(decoding: bytes, as: UTF8.self).components(separatedBy: "\n\n")
                .dropFirst()
            for variant in CLIPTokenizer.Variant.allCases {
                let tokens = CLIPTokenizer(vocabulary, variant: variant, contextLength: 32)
                    .tokens(of: text.joined(separator: "\n\n"))
                expect((2...32).contains(tokens.ids.count), "\(tokens.ids.count) symbols")
                expect(tokens.ids.last == vocabulary.end, "no end")
                expect(
                    tokens.ids.allSatisfy { (0...vocabulary.end).contains($0) }, "an unknown symbol"
                )
            }
        }
    }

    /// A list of candidates, as JSON lines and as a table.
    static let candidates = FuzzTarget(name: "candidates") { folder in
        [
            try folder.write(
                """
                {"prompt":"a cat","candidates":["a.mp4",{"input":"b.mp4","seed":1}]}
                {"input":"c_0.mp4","prompt":"a dog","group":"2"}
                {"video":"0007_1.mp4"}

                """, to: "candidates.jsonl"),
            try folder.write(
                "prompt,candidates,seed\na cat,\"[\"\"a.mp4\"\",\"\"b.mp4\"\"]\",1\n", to: "a.csv"),
        ]
    } open: { folder in
        { bytes in
            for name in ["list.jsonl", "list.csv"] {
                let path = try folder.write(bytes, to: name)
                _ = try? CandidateGrouping().candidates(in: [path])
                _ = try? PromptList(path: path)
            }
        }
    }

    /// A list of inputs.
    static let list = FuzzTarget(name: "list") { folder in
        [
            try folder.write(
                """
                a.mp4
                {"id":7,"path":"b c.mp4","label":0.5,"group":"g","weight":2}
                {"input":"c.mp4","degradation":{"filters":"hflip"},"of":"b.mp4","strength":3}
                grid.mp4#xywh=0,0,64,48

                """, to: "list.txt")
        ]
    } open: { folder in
        { bytes in
            let path = try folder.write(bytes, to: "list.txt")
            let requests = try RequestSource(inputs: [], list: path)
            while var request = requests.next() {
                _ = request.source
                let annotations = request.annotations
                request.annotate(annotations)
                _ = ScoreRow(input: request.input, extras: request.extras).description
            }
        }
    }

    /// The configuration of `ganrm rounds`.
    static let rounds = FuzzTarget(name: "rounds") { folder in
        let example = Fixture.url("../examples/rounds-toy/dpo.yaml").path
        return [
            example,
            try folder.write(
                """
                prompts: p.txt
                proxy: [good, more]
                candidates: 3
                seed: 18446744073709551615
                checkpoint: base.ckpt
                state: s
                generate:
                  command: "make --seed {seed} {prompts} {output} {{x}}"
                  timeout: 90m
                  resumable: true
                  grid: 3
                  first_number: 1
                train: {command: [train, "{pairs}", "{new_checkpoint}"], checkpoint: m.ckpt}
                rounds: 5
                head: {steps: 7, warm_up_steps: 3, standardize: true, perturb: 6, degrade: [hflip], parts: true}
                bootstrap: {top: 1, bottom: 2, alpha: 0.5, iterations: 3, share: 0.5}
                encoder: {name: dinov2-small-imgfocus, taps: [6, 12], motion: 4, frames: 8, batch: 2}
                pairs: {policy: all, min_margin: 0.5, max_spread: 2, max_per_prompt: 2, export: [videodpo, jsonl]}
                exclude: {max_unfamiliar: 99, allow_degenerate: false}
                sft: {export: diffsynth}
                evaluate: {shrinkage: none}

                """, to: "all.yaml"),
        ]
    } open: { folder in
        { bytes in
            _ = try RoundsConfiguration(path: try folder.write(bytes, to: "rounds.yaml"))
        }
    }

    /// Rows of `ganrm score` and `ganrm rank`.
    static let scoreRows = FuzzTarget(name: "score-rows") { folder in
        [
            try folder.write(
                """
                {"input":"a.mp4","score":0.86232,"logit":1.8347,"spread":0.07,"logit_spread":0.7,"probability":0.66,"percentile_generated":87.7,"percentile_proxy":55.7,"parts":{"realism":2.1156,"damage":0.281},"unfamiliar":20.41,"kind":"video","frames":120,"duration":4.004,"truncated":true,"truncation":"cut","clips":[{"start":0.6,"end":3.3,"indices":[19,23],"score":0.86232,"logit":1.8347}],"model":{"name":"default","fingerprint":"8c193f3e00fc","encoder":"e@3c"},"precision":"f32","sampling":{"kind":"uniform","frames":12,"burst":6},"version":"0.1.0","position":0,"total":2}
                {"input":"b.mp4","error":"'b.mp4' does not exist","position":1,"total":2}

                """, to: "score.jsonl"),
            try folder.write(
                """
                {"group":"1","prompt":"a cat","input":"a.mp4","rank":1,"score":0.8,"logit":1.5,"margin":7,"degenerate":"noise","excluded":"noise"}
                {"group":"1","prompt":"a cat","input":"b.mp4","rank":2,"score":0.1,"logit":-5.5}

                """, to: "ranks.jsonl"),
            try folder.write(
                """
                {"input":"a.mp4","prompt":"a cat","metrics":{"clipscore":0.7,"pickscore":21.5},"kind":"video","frames":9,"model":{"name":"clipscore,pickscore","fingerprint":"8c193f3e00fc"},"precision":"f32","sampling":{"kind":"frames","frames":8},"version":"0.1.0"}
                {"input":"b.mp4","prompt":"a dog","metrics":{"clipscore":0.5,"pickscore":20},"kind":"video","frames":9,"model":{"name":"clipscore,pickscore","fingerprint":"8c193f3e00fc"},"precision":"f32","sampling":{"kind":"frames","frames":8},"version":"0.1.0"}

                """, to: "metrics.jsonl"),
        ]
    } open: { folder in
        { bytes in
            let path = try folder.write(bytes, to: "rows.jsonl")
            var metrics = MetricTable()
            if let table = try? ScoreTable(path: path, acceptsClipRows: true) {
                for scored in table.inputs {
                    expect(scored.logit.isFinite, "a logit that is not finite")
                }
            }
            for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") {
                if let row = try? ScoreRow(parsing: line) { try? metrics.add(row) }
            }
            var summary = MetricSummary(metrics, resamples: 3)
            if let candidates = try? RankedMetrics(scores: path, metrics: metrics) {
                summary.bestOf = try? BestOfK(candidates, resamples: 3)
            }
            expect(summary.lines.allSatisfy { $0.mean.isFinite }, "a mean that is not finite")
            _ = (summary.table, summary.json.description)
            _ = try? ScoreCurves(reading: path)
            _ = try? StudyPair.read(path)
            try ShardMerge([path]).forEachLine { line in
                let row = try ScoreRow(parsing: line)
                expect(row.description == line, "another row is written: \(line)")
                _ = (row.clips, row.indices, row.model, row.signature, row.degeneracy)
                _ = (row.frameCount, row.droppedClips, row.candidateCount, row.rank)
            }
        }
    }

    /// Ground truth of an evaluation, and answers of a study.
    static let annotations = FuzzTarget(name: "annotations") { folder in
        [
            try folder.write("input,rating,prompt\na.mp4,3.5,a cat\n", to: "ratings.csv"),
            try folder.write(
                """
                {"chosen":"a.mp4","rejected":"b.mp4","prompt":"a cat"}
                {"input":"a.mp4","rating":4}

                """, to: "pairs.jsonl"),
            try folder.write(
                #"{"rater":"anna","key":"e30=","answers":[{"item":0,"answer":"left"}]}"#,
                to: "answers.json"),
        ]
    } open: { folder in
        { bytes in
            for name in ["truth.jsonl", "truth.csv"] {
                let path = try folder.write(bytes, to: name)
                var truth = GroundTruth()
                try? truth.addSide([path], label: 1)
                _ = try? truth.addRows(path)
                try? truth.addPairs(path)
                try? truth.addRatings(path)
                _ = truth.inputs
                _ = try? StudyAnswers(reading: path)
            }
        }
    }
}
