import CGANRM
import Foundation
import GANRM
import JSON
import GANRMC
import TestSupport
import Testing

/// The functions of ganrm.h, called as a C program would.
@Suite struct CInterfaceTests {
    private func defaults() -> ganrm_settings {
        var settings = ganrm_settings()
        ganrm_settings_init(&settings)
        return settings
    }

    private func open(_ settings: ganrm_settings) -> (status: Int, filter: OpaquePointer?) {
        var filter: OpaquePointer? = OpaquePointer(bitPattern: 1)
        var settings = settings
        let status = ganrm_open(&filter, &settings)
        return (Int(status), filter)
    }

    private var message: String { String(cString: ganrm_message()) }

    @Test func `the version is the command's`() {
        #expect(String(cString: ganrm_version()) == ganrmVersion)
    }

    @Test func `a setting out of range is refused by name`() {
        let cases: [(name: String, value: CInt, field: WritableKeyPath<ganrm_settings, CInt>)] = [
            ("kind", 2, \.kind), ("sampling", 3, \.sampling), ("frames", -1, \.frames),
            ("frames", 4097, \.frames), ("stride", -1, \.stride), ("hop", -2, \.hop),
            ("precision", 9, \.precision), ("threads", 1025, \.threads),
        ]
        for (name, value, field) in cases {
            var settings = defaults()
            settings[keyPath: field] = value
            let (status, filter) = open(settings)
            #expect(status == GANRM_ERROR_ARGUMENT)
            #expect(filter == nil)
            #expect(message == "ganrm_settings.\(name) cannot be \(value)")
        }
    }

    @Test func `NULL is refused, and closing it is nothing`() {
        var settings = defaults()
        #expect(Int(ganrm_open(nil, &settings)) == GANRM_ERROR_ARGUMENT)
        var filter: OpaquePointer?
        #expect(Int(ganrm_open(&filter, nil)) == GANRM_ERROR_ARGUMENT)
        #expect(Int(ganrm_push(nil, [0, 0, 0], 1, 1, 3, 0)) == GANRM_ERROR_ARGUMENT)
        #expect(Int(ganrm_flush(nil)) == GANRM_ERROR_ARGUMENT)
        #expect(message == "ganrm_flush: filter is NULL")
        ganrm_close(&filter)
        ganrm_close(nil)
    }

    @Test func `a model that is not there is named`() {
        let (status, filter) = "/nowhere/head.safetensors".withCString { path in
            var settings = defaults()
            settings.model = path
            return open(settings)
        }
        #expect(status == GANRM_ERROR_MODEL)
        #expect(filter == nil)
        #expect(message.contains("/nowhere/head.safetensors"))
    }

    @Test func `scores are the command's`() throws {
        let (model, media) = (try TinyModel(), try TestMedia())
        // Their folders go away after the last use.
        defer { withExtendedLifetime((model, media)) {} }
        for seed in 0..<2 {
            try media.video("good/\(seed).mp4", frames: 16, seed: seed)
            try media.noise("raw/\(seed).mp4", seed: seed)
        }
        let head = model.folder.path("head.safetensors")
        let training = try CommandRun.ganrm(
            ["train", "--proxy", media.folder.path("good"), "--generated"]
                + [media.folder.path("raw"), "-o", head, "--steps", "20", "--frames", "4"]
                + model.encoderOptions)
        try #require(training.status == 0, "\(training.messages)")

        // 22 frames: five clips of four, and a rest that fills none.
        let (width, height, count) = (40, 30, 22)
        let size = 3 * width * height
        let frames = (0..<count * size).map { UInt8(truncatingIfNeeded: $0 &* $0 / 977) }
        let run = try CommandRun.ganrm(
            ["score", "-", "-f", "rawvideo", "-s", "\(width)x\(height)", "-pix_fmt", "rgb24"]
                + ["-r", "8", "--per", "clip", "--frames", "4", "--precision", "f32"]
                + ["--model", head] + model.encoderOptions,
            input: Data(frames))
        try #require(run.status == 0, "\(run.messages)")
        let rows = try run.lines.map { try JSONValue(parsing: $0) }
        try #require(rows.count == 5)

        let (status, opened) = head.withCString { head in
            model.encoder.withCString { encoder in
                model.weights.withCString { weights in
                    var settings = defaults()
                    settings.model = head
                    settings.encoder = encoder
                    settings.weights = weights
                    settings.frames = 4
                    settings.precision = CInt(GANRM_PRECISION_F32)
                    return open(settings)
                }
            }
        }
        try #require(status == GANRM_OK, "\(message)")
        var filter = opened
        defer { ganrm_close(&filter) }

        // Rows that lie bottom up and far apart are the same picture.
        let stride = 3 * width + 7
        for round in 0..<2 {
            var scores: [ganrm_score] = []
            var score = ganrm_score()
            for frame in 0..<count {
                var padded = [UInt8](repeating: 1, count: stride * height)
                for row in 0..<height {
                    let place = (round == 0 ? row : height - 1 - row) * stride
                    let from = frame * size + 3 * width * row
                    padded.replaceSubrange(
                        place..<place + 3 * width, with: frames[from..<from + 3 * width])
                }
                let status = padded.withUnsafeBufferPointer { pixels in
                    let top = round == 0 ? 0 : (height - 1) * stride
                    return ganrm_push(
                        filter, pixels.baseAddress! + top, CInt(width), CInt(height),
                        round == 0 ? stride : -stride, Double(frame) / 8)
                }
                #expect(Int(status) == GANRM_OK)
                while Int(ganrm_pull(filter, &score)) == GANRM_OK { scores.append(score) }
                #expect(Int(ganrm_pull(filter, &score)) == GANRM_AGAIN)
                #expect(scores.count == (frame + 1) / 4)
            }
            #expect(Int(ganrm_flush(filter)) == GANRM_OK)
            #expect(Int(ganrm_pull(filter, &score)) == GANRM_END)
            #expect(scores.map(\.first_frame) == [0, 4, 8, 12, 16])
            #expect(scores.map(\.last_frame) == [3, 7, 11, 15, 19])
            for (score, row) in zip(scores, rows) {
                // Rows carry as many digits as a 32-bit float has.
                #expect(Float(score.logit) == row["logit"]?.doubleValue.map { Float($0) })
                #expect(score.start_seconds == row["start"]?.doubleValue)
            }
        }
        #expect(Int(ganrm_push(filter, frames, 0, 1, 3, 0)) == GANRM_ERROR_ARGUMENT)
        #expect(Int(ganrm_push(filter, frames, 9, 2, 26, 0)) == GANRM_ERROR_ARGUMENT)
        #expect(message == "a row of 9 pixels needs 27 bytes; stride is 26")
    }
}
