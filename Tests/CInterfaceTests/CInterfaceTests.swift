import CGANRM
import CInterface
import Foundation
import Pipeline
import Reward
import Scoring
import Synchronization
import Testing
import TestModels
import TestSupport
import TextFormats

/// The functions of ganrm.h, called as from a C program.
@Suite struct CInterfaceTests {
    private func open(_ settings: ganrm_model_settings) -> (status: Int, model: OpaquePointer?) {
        var model: OpaquePointer? = OpaquePointer(bitPattern: 1)
        var settings = settings
        let status = ganrm_model_open(&model, &settings)
        return (Int(status), model)
    }

    private func open(
        _ settings: ganrm_filter_settings, _ model: OpaquePointer
    ) -> (status: Int, filter: OpaquePointer?) {
        var filter: OpaquePointer? = OpaquePointer(bitPattern: 1)
        var settings = settings
        let status = ganrm_filter_open(&filter, model, &settings)
        return (Int(status), filter)
    }

    private var message: String { String(cString: ganrm_message()) }

    @Test func `the version is that of the command`() {
        #expect(String(cString: ganrm_version()) == ganrmVersion)
    }

    @Test func `every code has a name`() {
        let names = (-6...0).map { String(cString: ganrm_strerror(CInt($0))) }
        #expect(Set(names).count == names.count)
        #expect(names[0] == "unknown code")
        #expect(names[6] == "success")
    }

    @Test func `a setting out of range is refused by name`() throws {
        for (name, value, field) in [
            ("precision", 9, \ganrm_model_settings.precision), ("threads", 1025, \.threads),
            ("threads", -1, \.threads),
        ] as [(String, CInt, WritableKeyPath<ganrm_model_settings, CInt>)] {
            var settings = ganrm_model_settings.initialized()
            settings[keyPath: field] = value
            let (status, model) = open(settings)
            #expect(status == GANRM_ERROR_ARGUMENT)
            #expect(model == nil)
            #expect(message == "ganrm_model_settings.\(name) cannot be \(value)")
        }
        let files = try UntrainedModel()
        var model = try files.open()
        defer { ganrm_model_close(&model) }
        for (name, value, field) in [
            ("kind", 2, \ganrm_filter_settings.kind), ("sampling", 3, \.sampling),
            ("frames", -1, \.frames), ("frames", 4097, \.frames), ("stride", -1, \.stride),
            ("hop", -2, \.hop),
        ] as [(String, CInt, WritableKeyPath<ganrm_filter_settings, CInt>)] {
            var settings = ganrm_filter_settings.initialized()
            settings[keyPath: field] = value
            let (status, filter) = open(settings, model!)
            #expect(status == GANRM_ERROR_ARGUMENT)
            #expect(filter == nil)
            #expect(message == "ganrm_filter_settings.\(name) cannot be \(value)")
        }
        for rate in [-1, 1001, Double.nan, .infinity] {
            var settings = ganrm_filter_settings.initialized()
            settings.clip_rate = rate
            #expect(open(settings, model!).status == GANRM_ERROR_ARGUMENT)
            #expect(message == "ganrm_filter_settings.clip_rate cannot be \(rate)")
        }
        var settings = ganrm_filter_settings.initialized()
        (settings.stride, settings.clip_rate) = (2, 4)
        #expect(open(settings, model!).status == GANRM_ERROR_ARGUMENT)
        #expect(message == "stride counts frames, clip_rate seconds; set one of them")
        (settings.sampling, settings.clip_rate) = (CInt(GANRM_SAMPLING_UNIFORM), 0)
        #expect(open(settings, model!).status == GANRM_ERROR_ARGUMENT)
        #expect(message == "stride, clip_rate and hop go with GANRM_SAMPLING_WINDOW")
    }

    @Test func `NULL is refused, and closing NULL does nothing`() {
        var settings = ganrm_model_settings.initialized()
        var score = ganrm_score()
        var frame = ganrm_frame.initialized()
        var filter: OpaquePointer?
        var model: OpaquePointer?
        var values: UnsafePointer<Float>?
        var count = 0
        #expect(Int(ganrm_model_open(nil, &settings)) == GANRM_ERROR_ARGUMENT)
        #expect(Int(ganrm_filter_open(nil, nil, nil)) == GANRM_ERROR_ARGUMENT)
        #expect(Int(ganrm_filter_open(&filter, nil, nil)) == GANRM_ERROR_ARGUMENT)
        #expect(Int(ganrm_filter_push(nil, &frame)) == GANRM_ERROR_ARGUMENT)
        #expect(Int(ganrm_filter_pull(nil, &score)) == GANRM_ERROR_ARGUMENT)
        #expect(Int(ganrm_filter_embedding(nil, &values, &count)) == GANRM_ERROR_ARGUMENT)
        #expect(Int(ganrm_filter_reset(nil)) == GANRM_ERROR_ARGUMENT)
        #expect(Int(ganrm_filter_flush(nil)) == GANRM_ERROR_ARGUMENT)
        #expect(message == "ganrm_filter_flush: filter is NULL")
        ganrm_filter_close(&filter)
        ganrm_filter_close(nil)
        ganrm_model_close(&model)
        ganrm_model_close(nil)
        ganrm_model_settings_init(nil, 8)
        ganrm_filter_settings_init(nil, 8)
        ganrm_frame_init(nil, 8)
    }

    @Test func `a struct that was not initialised is refused`() {
        #expect(open(ganrm_model_settings()).status == GANRM_ERROR_ARGUMENT)
        #expect(message == "call ganrm_model_settings_init() first")
        var settings = ganrm_model_settings.initialized()
        settings.size = .max
        #expect(open(settings).status == GANRM_ERROR_ARGUMENT)
    }

    /// Programs may be compiled with a newer header than the library.
    @Test func `a larger struct is accepted if its additional fields are zero`() {
        let size = MemoryLayout<ganrm_model_settings>.size + 16
        let memory = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 8)
        defer { memory.deallocate() }
        memory.initializeMemory(as: UInt8.self, repeating: 0xFF, count: size)
        let settings = memory.bindMemory(to: ganrm_model_settings.self, capacity: 1)
        ganrm_model_settings_init(settings, size)
        #expect(settings.pointee.size == size)
        #expect(memory.load(fromByteOffset: size - 8, as: Int.self) == 0)
        var model: OpaquePointer?
        "/nowhere/head.safetensors".withCString { path in
            settings.pointee.model = path
            #expect(Int(ganrm_model_open(&model, settings)) == GANRM_ERROR_MODEL)
            memory.storeBytes(of: 1, toByteOffset: size - 8, as: Int.self)
            #expect(Int(ganrm_model_open(&model, settings)) == GANRM_ERROR_ARGUMENT)
        }
        #expect(message.contains("install a newer one"))
    }

    @Test func `a missing model is reported with its path`() {
        let (status, model) = "/nowhere/head.safetensors".withCString { path in
            var settings = ganrm_model_settings.initialized()
            settings.model = path
            return open(settings)
        }
        #expect(status == GANRM_ERROR_MODEL)
        #expect(model == nil)
        #expect(message.contains("/nowhere/head.safetensors"))
    }

    @Test func `a score that is not finite is a negative code`() throws {
        let files = try UntrainedModel(overflows: true)
        defer { withExtendedLifetime(files) {} }
        var model = try files.open()
        defer { ganrm_model_close(&model) }
        var settings = ganrm_filter_settings.initialized()
        settings.frames = 4
        var (status, filter) = open(settings, model!)
        try #require(status == GANRM_OK, "\(message)")
        defer { ganrm_filter_close(&filter) }
        let video = TestVideo(frameCount: 4)
        let codes = (0..<4).map { video.push($0, to: filter) }
        #expect(codes == [GANRM_OK, GANRM_OK, GANRM_OK, GANRM_ERROR_FAILED])
        #expect(message.contains("which is no number up to 1e+38"))
        var score = ganrm_score()
        #expect(Int(ganrm_filter_pull(filter, &score)) == GANRM_AGAIN)
    }

    @Test func `scores and embeddings match the command`() throws {
        let files = try UntrainedModel()
        // 22 frames: five clips of four, and two left over.
        let video = TestVideo(frameCount: 22)
        let path = files.folder.path("frames.yuv")
        try Data(video.bytes).write(to: URL(fileURLWithPath: path))
        let raw = ["-f", "rawvideo", "-s", video.size, "-pix_fmt", "yuv420p", "-r", "8"]
        let sampling = ["--frames", "4", "--sampling", "window", "--per", "clip"]
        let run = try CommandRun.ganrm(
            ["score", path, "--model", files.head] + raw + sampling + files.options)
        try #require(run.status == 0, "\(run.messages)")
        let rows = try run.lines.map { try JSONValue(parsing: $0) }
        try #require(rows.count == 5)
        let embeddings = try files.embeddings(path, options: raw + sampling)

        var model = try files.open()
        var settings = ganrm_filter_settings.initialized()
        settings.frames = 4
        var (status, filter) = open(settings, model!)
        try #require(status == GANRM_OK, "\(message)")
        // The filter keeps the model alive.
        ganrm_model_close(&model)
        #expect(model == nil)
        defer { ganrm_filter_close(&filter) }

        for isLast in [false, true] {
            var scores: [ganrm_score] = []
            for index in 0..<video.frameCount {
                #expect(video.push(index, to: filter) == GANRM_OK)
                var score = ganrm_score()
                while Int(ganrm_filter_pull(filter, &score)) == GANRM_OK {
                    scores.append(score)
                    #expect(lastEmbedding(filter) == embeddings[scores.count - 1])
                }
                #expect(Int(ganrm_filter_pull(filter, &score)) == GANRM_AGAIN)
                #expect(scores.count == (index + 1) / 4)
            }
            var score = ganrm_score()
            if isLast {
                #expect(Int(ganrm_filter_flush(filter)) == GANRM_OK)
                #expect(Int(ganrm_filter_pull(filter, &score)) == GANRM_END)
            } else {
                // The two pending frames are dropped.
                #expect(Int(ganrm_filter_reset(filter)) == GANRM_OK)
                #expect(Int(ganrm_filter_pull(filter, &score)) == GANRM_AGAIN)
                #expect(lastEmbedding(filter).isEmpty)
            }
            #expect(scores.map(\.first_frame) == [0, 4, 8, 12, 16])
            #expect(scores.map(\.last_frame) == [3, 7, 11, 15, 19])
            for (score, row) in zip(scores, rows) {
                // Rows have the digits of a 32-bit float.
                #expect(Float(score.logit) == row["logit"]?.doubleValue.map { Float($0) })
                #expect(score.start_seconds == row["start"]?.doubleValue)
                #expect(score.end_seconds == row["end"]?.doubleValue)
                // A single head without held-out statistics and damage part.
                for unknown in [
                    score.logit_spread, score.probability, score.percentile_proxy, score.unfamiliar,
                    score.realism, score.damage,
                ] {
                    #expect(unknown.isNaN)
                }
                #expect(
                    ganrm_degeneracy(score.degenerate).map { String(cString: $0) }
                        == row["degenerate"]?.stringValue)
            }
        }
    }

    @Test func `uniform sampling and images match the command`() throws {
        let files = try UntrainedModel()
        let video = TestVideo(frameCount: 9)
        let path = files.folder.path("frames.yuv")
        try Data(video.bytes).write(to: URL(fileURLWithPath: path))
        let raw = ["-f", "rawvideo", "-s", video.size, "-pix_fmt", "yuv420p", "-r", "8"]
        var model = try files.open()
        defer { ganrm_model_close(&model) }
        for (options, kind, sampling) in [
            (["--sampling", "uniform", "--frames", "4"], GANRM_KIND_VIDEO, GANRM_SAMPLING_UNIFORM),
            // Single images are windows of one frame.
            (["--sampling", "window", "--frames", "1"], GANRM_KIND_IMAGE, GANRM_SAMPLING_MODEL),
        ] {
            let run = try CommandRun.ganrm(
                ["score", path, "--model", files.head] + raw + options + files.options)
            let row = try JSONValue(parsing: run.output)
            let logits = row["clips"]?.arrayValue?.compactMap { $0["logit"]?.doubleValue }
            var settings = ganrm_filter_settings.initialized()
            (settings.kind, settings.sampling) = (CInt(kind), CInt(sampling))
            settings.frames = kind == GANRM_KIND_IMAGE ? 0 : 4
            var (_, filter) = open(settings, model!)
            defer { ganrm_filter_close(&filter) }
            var scores: [Double] = []
            for index in 0..<video.frameCount { _ = video.push(index, to: filter) }
            #expect(Int(ganrm_filter_flush(filter)) == GANRM_OK)
            var score = ganrm_score()
            while Int(ganrm_filter_pull(filter, &score)) == GANRM_OK { scores.append(score.logit) }
            #expect(scores.map { Float($0) } == logits?.map { Float($0) })
        }
    }

    @Test func `black frames are degenerate, and every reason has a name`() throws {
        let files = try UntrainedModel()
        var model = try files.open()
        defer { ganrm_model_close(&model) }
        var settings = ganrm_filter_settings.initialized()
        settings.frames = 4
        var (_, filter) = open(settings, model!)
        defer { ganrm_filter_close(&filter) }
        let video = TestVideo(black: 4)
        for index in 0..<4 { #expect(video.push(index, to: filter) == GANRM_OK) }
        var score = ganrm_score()
        #expect(Int(ganrm_filter_pull(filter, &score)) == GANRM_OK)
        #expect(Int(score.degenerate) == GANRM_DEGENERATE_ONE_COLOUR)
        #expect(score.unfamiliar.isNaN)
        let names = (0...6).map { ganrm_degeneracy(Int64($0)).map { String(cString: $0) } }
        #expect(
            names == [nil, "one colour", "no detail", "pattern", "noise", "frozen", nil])
    }

    @Test func `a filter reports its sampling settings`() throws {
        let files = try UntrainedModel()
        var model = try files.open()
        defer { ganrm_model_close(&model) }
        #expect(String(cString: ganrm_model_name(model)) == files.head)
        #expect(String(cString: ganrm_model_fingerprint(model)) == (try files.fingerprint()))
        #expect(ganrm_model_name(nil) == nil)
        var requested = ganrm_filter_settings.initialized()
        (requested.stride, requested.hop) = (3, 0)
        for (rate, expected) in [(0, [4, 3, 12]), (5, [4, 0, 4])] {
            if rate > 0 { (requested.stride, requested.clip_rate) = (0, Double(rate)) }
            var (_, filter) = open(requested, model!)
            defer { ganrm_filter_close(&filter) }
            var found = ganrm_filter_settings()
            #expect(Int(ganrm_filter_get_settings(filter, &found)) == GANRM_ERROR_ARGUMENT)
            found = .initialized()
            #expect(Int(ganrm_filter_get_settings(filter, &found)) == GANRM_OK)
            #expect([found.frames, found.stride, found.hop].map { Int($0) } == expected)
            #expect(found.clip_rate == Double(rate))
            #expect(Int(found.sampling) == GANRM_SAMPLING_WINDOW)
        }
    }

    @Test func `frames that may still get a score are pending`() throws {
        let files = try UntrainedModel()
        let video = TestVideo(frameCount: 14)
        var model = try files.open()
        defer { ganrm_model_close(&model) }
        // Clips of 4 frames: 0 2 4 6, 3 5 7 9, …; 0 1 2 3, 6 7 8 9, …; by time stamp; uniform.
        for (stride, hop, rate, sampling, expected) in [
            (2, 3, 0, GANRM_SAMPLING_WINDOW, [0, 0, 0, 0, 0, 0, 0, 3, 3, 3, 6, 6, 6, 9, 9]),
            (1, 6, 0, GANRM_SAMPLING_WINDOW, [0, 0, 0, 0, 4, 5, 6, 6, 6, 6, 10, 11, 12, 12, 12]),
            (0, 0, 4, GANRM_SAMPLING_WINDOW, [0, 0, 0, 0, 0, 0, 0, 7, 8, 8, 8, 8, 8, 8, 8]),
            (0, 0, 0, GANRM_SAMPLING_UNIFORM, Array(repeating: 0, count: 15)),
        ] as [(Int, Int, Double, Int, [Int])] {
            var settings = ganrm_filter_settings.initialized()
            settings.frames = 4
            (settings.stride, settings.hop) = (CInt(stride), CInt(hop))
            (settings.clip_rate, settings.sampling) = (rate, CInt(sampling))
            var (_, filter) = open(settings, model!)
            defer { ganrm_filter_close(&filter) }
            var pending = [Int(ganrm_filter_pending(filter))]
            for index in 0..<video.frameCount {
                #expect(video.push(index, to: filter) == GANRM_OK)
                pending.append(Int(ganrm_filter_pending(filter)))
            }
            #expect(pending == expected)
            #expect(Int(ganrm_filter_flush(filter)) == GANRM_OK)
            #expect(ganrm_filter_pending(filter) == 0)
        }
        #expect(Int(ganrm_filter_pending(nil)) == GANRM_ERROR_ARGUMENT)
    }

    @Test func `a stream of known length needs the frames of its clip only`() throws {
        let files = try UntrainedModel()
        var model = try files.open()
        defer { ganrm_model_close(&model) }
        for (count, rate) in [(3, 8.0), (4, 8), (5, 24), (37, 8), (37, 24), (50, 60)] {
            let video = TestVideo(frameCount: count)
            var settings = ganrm_filter_settings.initialized()
            settings.sampling = CInt(GANRM_SAMPLING_UNIFORM)
            settings.frames = 4
            var (_, unknown) = open(settings, model!)
            settings.length = Int64(count)
            settings.frame_rate = rate
            var (_, known) = open(settings, model!)
            defer {
                ganrm_filter_close(&unknown)
                ganrm_filter_close(&known)
            }
            var found = ganrm_filter_settings.initialized()
            #expect(Int(ganrm_filter_get_settings(known, &found)) == GANRM_OK)
            #expect((found.length, found.frame_rate) == (Int64(count), rate))
            // The settings hold for each stream.
            for _ in 0..<2 {
                var wanted = 0
                for index in 0..<count {
                    let seconds = Double(index) / rate
                    #expect(ganrm_filter_wants(unknown, seconds) == 1)
                    #expect(video.push(index, to: unknown, seconds: seconds) == GANRM_OK)
                    if ganrm_filter_wants(known, seconds) == 1 {
                        wanted += 1
                        let status = video.push(index, to: known, seconds: seconds) {
                            $0.planes.0 = nil
                        }
                        #expect(status == GANRM_ERROR_ARGUMENT)
                        #expect(video.push(index, to: known, seconds: seconds) == GANRM_OK)
                    } else {
                        let status = video.push(index, to: known, seconds: seconds) {
                            $0.planes.0 = nil
                            $0.width = 0
                        }
                        #expect(status == GANRM_OK)
                    }
                }
                #expect(wanted == min(count, 4))
                var scores: [ganrm_score] = []
                for filter in [unknown, known] {
                    #expect(Int(ganrm_filter_flush(filter)) == GANRM_OK)
                    var score = ganrm_score()
                    #expect(Int(ganrm_filter_pull(filter, &score)) == GANRM_OK)
                    scores.append(score)
                }
                #expect(scores[0].logit == scores[1].logit)
                #expect(scores[0].start_seconds == scores[1].start_seconds)
                #expect(scores[0].end_seconds == scores[1].end_seconds)
                #expect(scores[0].last_frame == scores[1].last_frame)
            }
        }
    }

    @Test func `a stream of another length fails`() throws {
        let files = try UntrainedModel()
        let video = TestVideo(frameCount: 6)
        var model = try files.open()
        defer { ganrm_model_close(&model) }
        var settings = ganrm_filter_settings.initialized()
        settings.sampling = CInt(GANRM_SAMPLING_UNIFORM)
        settings.length = 7
        var (_, filter) = open(settings, model!)
        defer { ganrm_filter_close(&filter) }
        for index in 0..<6 { #expect(video.push(index, to: filter) == GANRM_OK) }
        #expect(Int(ganrm_filter_flush(filter)) == GANRM_ERROR_FAILED)
        #expect(message.hasPrefix("7 frames were expected, 6 came"))
        for length in [-1, 1 << 41, Int64.max] {
            settings.length = length
            #expect(open(settings, model!).status == GANRM_ERROR_ARGUMENT)
            #expect(message == "ganrm_filter_settings.length cannot be \(length)")
        }
        settings.length = 1 << 40
        var (status, longest) = open(settings, model!)
        #expect(status == GANRM_OK)
        ganrm_filter_close(&longest)
        for rate in [-1, .nan, .infinity, 2e6] {
            settings.frame_rate = rate
            #expect(open(settings, model!).status == GANRM_ERROR_ARGUMENT)
        }
        settings.frame_rate = 8
        settings.sampling = CInt(GANRM_SAMPLING_WINDOW)
        #expect(open(settings, model!).status == GANRM_ERROR_ARGUMENT)
        #expect(message == "length and frame_rate go with GANRM_SAMPLING_UNIFORM")
        #expect(Int(ganrm_filter_wants(nil, 0)) == GANRM_ERROR_ARGUMENT)
    }

    @Test(arguments: [
        (GANRM_PRECISION_F32, "f32"), (GANRM_PRECISION_BF16, "bf16"),
        (GANRM_PRECISION_INT8, "int8"),
    ])
    func `a filter knows the precision of its encoder`(
        setting: Int, expected: String
    ) throws {
        let files = try UntrainedModel()
        var model = try files.open { $0.precision = CInt(setting) }
        defer { ganrm_model_close(&model) }
        var (_, filter) = open(.initialized(), model!)
        defer { ganrm_filter_close(&filter) }
        #expect(ganrm_filter_precision(filter).map { String(cString: $0) } == expected)
        #expect(ganrm_filter_precision(nil) == nil)
    }

    @Test func `filters of one model run concurrently`() throws {
        let files = try UntrainedModel()
        let video = TestVideo(frameCount: 32)
        var model = try files.open()
        defer { ganrm_model_close(&model) }
        nonisolated(unsafe) let shared = model!
        let results = Mutex<[[Double]]>([])
        DispatchQueue.concurrentPerform(iterations: 4) { _ in
            var settings = ganrm_filter_settings.initialized()
            settings.frames = 4
            var filter: OpaquePointer?
            guard Int(ganrm_filter_open(&filter, shared, &settings)) == GANRM_OK else { return }
            for index in 0..<video.frameCount { _ = video.push(index, to: filter) }
            var logits: [Double] = []
            var score = ganrm_score()
            while Int(ganrm_filter_pull(filter, &score)) == GANRM_OK { logits.append(score.logit) }
            ganrm_filter_close(&filter)
            results.withLock { $0.append(logits) }
        }
        let logits = results.withLock { $0 }
        #expect(logits.count == 4 && logits[0].count == 8)
        #expect(Set(logits).count == 1)
    }

    @Test func `the log has loaded models and errors`() throws {
        let files = try UntrainedModel()
        var lines: [String] = []
        try withUnsafeMutablePointer(to: &lines) { lines in
            var model = try files.open {
                $0.log = { opaque, level, message in
                    let lines = opaque!.assumingMemoryBound(to: [String].self)
                    lines.pointee.append("\(level) \(String(cString: message!))")
                }
                $0.log_opaque = UnsafeMutableRawPointer(lines)
            }
            defer { ganrm_model_close(&model) }
            var settings = ganrm_filter_settings.initialized()
            settings.clip_rate = 2
            var (_, filter) = open(settings, model!)
            defer { ganrm_filter_close(&filter) }
            // A clip rate requires time stamps.
            let video = TestVideo(frameCount: 1)
            #expect(video.push(0, to: filter, seconds: .nan) == GANRM_ERROR_FAILED)
            #expect(video.push(0, to: filter) == GANRM_ERROR_FAILED)
            #expect(Int(ganrm_filter_flush(filter)) == GANRM_ERROR_FAILED)
            #expect(Int(ganrm_filter_reset(filter)) == GANRM_OK)
            #expect(video.push(0, to: filter) == GANRM_OK)
        }
        #expect(lines.count == 3)
        // The head was never trained, so it has no familiarity.
        #expect(lines.first?.hasPrefix("1 the reward model '\(files.head)' does not know") == true)
        #expect(lines.dropFirst().first?.hasPrefix("2 reward model '\(files.head)'") == true)
        #expect(lines.last?.hasPrefix("0 ") == true)
    }

    @Test func `an invalid frame leaves the filter unchanged`() throws {
        let files = try UntrainedModel()
        var model = try files.open()
        defer { ganrm_model_close(&model) }
        var filter: OpaquePointer?
        #expect(Int(ganrm_filter_open(&filter, model, nil)) == GANRM_OK)
        defer { ganrm_filter_close(&filter) }
        let video = TestVideo(frameCount: 4)
        func push(_ change: (inout ganrm_frame) -> Void) -> String {
            let code = video.push(0, to: filter, change: change)
            #expect(code == GANRM_ERROR_ARGUMENT)
            return message
        }
        #expect(push { $0.width = 0 } == "a frame has 1 to 2^28 pixels, not 0×30")
        #expect(push { $0.height = .max } == "a frame has 1 to 2^28 pixels, not 40×2147483647")
        #expect(push { $0.format = 12 } == "ganrm_frame.format cannot be 12")
        #expect(push { $0.matrix = 15 } == "ganrm_frame.matrix cannot be 15")
        #expect(push { $0.range = -1 } == "ganrm_frame.range cannot be -1")
        #expect(push { $0.sar_width = -1 } == "ganrm_frame.sar_width cannot be -1")
        #expect(push { $0.sar_height = -2 } == "ganrm_frame.sar_height cannot be -2")
        #expect(push { $0.duration = -1 } == "ganrm_frame.duration cannot be -1.0")
        #expect(push { $0.planes.1 = nil } == "plane 1 is NULL")
        #expect(
            push { $0.strides.2 = -19 } == "a row of plane 2 needs 20 bytes; its stride is -19")
        #expect(
            push { $0.width = 1 << 21 }
                == "a side of a frame has at most 2^20 pixels, not 2097152×30"
        )
        #expect(push { $0.size = 0 } == "call ganrm_frame_init() first")
        for index in 0..<4 { #expect(video.push(index, to: filter) == GANRM_OK) }
        var score = ganrm_score()
        #expect(Int(ganrm_filter_pull(filter, &score)) == GANRM_OK)
        #expect(score.first_frame == 0)
    }

    /// libav aborts the program if a stride is shorter than a row.
    @Test(arguments: [0, 1, -1, Int.max, Int.min])
    func `the stride of a plane of one row is ignored`(stride: Int) throws {
        let files = try UntrainedModel()
        var model = try files.open()
        defer { ganrm_model_close(&model) }
        var settings = ganrm_filter_settings.initialized()
        settings.frames = 1
        let video = TestVideo(frameCount: 1)
        var logits: [Double] = []
        for stride in [20, stride] {
            var (_, filter) = open(settings, model!)
            defer { ganrm_filter_close(&filter) }
            // One row of chroma.
            let code = video.push(0, to: filter) {
                $0.height = 2
                ($0.strides.1, $0.strides.2) = (stride, stride)
            }
            #expect(code == GANRM_OK, "\(message)")
            var score = ganrm_score()
            #expect(Int(ganrm_filter_pull(filter, &score)) == GANRM_OK)
            logits.append(score.logit)
        }
        #expect(logits[0] == logits[1])
    }

    @Test func `a long message is cut between characters`() {
        let path = "/" + String(repeating: "é", count: 3000)
        for prefix in ["", "x"] {
            let (status, _) = (prefix + path).withCString { path in
                var settings = ganrm_model_settings.initialized()
                settings.model = path
                return open(settings)
            }
            #expect(status == GANRM_ERROR_MODEL)
            #expect(String(validatingCString: ganrm_message()) != nil)
            #expect(strlen(ganrm_message()) > 2000)
        }
    }

    @Test func `a path that is not UTF-8 is refused`() {
        let bytes: [CChar] = [0x2f, -1, -2, 0]
        let (status, model) = bytes.withUnsafeBufferPointer { path in
            var settings = ganrm_model_settings.initialized()
            settings.model = path.baseAddress
            return open(settings)
        }
        #expect(status == GANRM_ERROR_MODEL)
        #expect(model == nil)
        #expect(String(validatingCString: ganrm_message()) != nil)
    }

    private func lastEmbedding(_ filter: OpaquePointer?) -> [Float] {
        var values: UnsafePointer<Float>?
        var count = 1
        #expect(Int(ganrm_filter_embedding(filter, &values, &count)) == GANRM_OK)
        return Array(UnsafeBufferPointer(start: values, count: count))
    }
}

/// A 4:2:0 video of 40 × 30 pixels at 8 fps, whose pixels depend on position and time.
private struct TestVideo: Sendable {
    let frameCount: Int
    let bytes: [UInt8]
    let size = "40x30"
    private static let frameSize = 40 * 30 * 3 / 2

    init(frameCount: Int) {
        self.frameCount = frameCount
        bytes = (0..<frameCount * Self.frameSize).map {
            UInt8(truncatingIfNeeded: $0 &* $0 / 977)
        }
    }

    /// Black frames.
    init(black frameCount: Int) {
        self.frameCount = frameCount
        let frame = (0..<Self.frameSize).map { UInt8($0 < 40 * 30 ? 16 : 128) }
        bytes = (0..<frameCount).flatMap { _ in frame }
    }

    func push(
        _ index: Int, to filter: OpaquePointer?, seconds: Double? = nil,
        change: (inout ganrm_frame) -> Void = { _ in }
    ) -> Int {
        bytes[(index * Self.frameSize)..<(index + 1) * Self.frameSize].withUnsafeBufferPointer {
            var frame = ganrm_frame.initialized()
            frame.planes.0 = $0.baseAddress
            frame.planes.1 = $0.baseAddress! + 40 * 30
            frame.planes.2 = $0.baseAddress! + 40 * 30 * 5 / 4
            (frame.strides.0, frame.strides.1, frame.strides.2) = (40, 20, 20)
            (frame.width, frame.height) = (40, 30)
            frame.format = CInt(GANRM_FORMAT_YUV420P)
            frame.seconds = seconds ?? Double(index) / 8
            change(&frame)
            return Int(ganrm_filter_push(filter, &frame))
        }
    }
}

/// Files of an untrained head and the tiny encoder.
private struct UntrainedModel {
    let folder: TemporaryFolder
    let head: String
    let options: [String]
    private let model: TinyModel

    /// - Parameter overflows: Whether its logits are not finite.
    init(overflows: Bool = false) throws {
        model = try TinyModel()
        folder = model.folder
        head = overflows ? try model.overflowingHead() : try model.untrainedHead()
        options = model.encoderOptions + ["--precision", "f32"]
    }

    func open(_ change: (inout ganrm_model_settings) -> Void = { _ in }) throws -> OpaquePointer? {
        var opened: OpaquePointer?
        let status = head.withCString { head in
            model.encoder.withCString { encoder in
                model.weights.withCString { weights in
                    var settings = ganrm_model_settings.initialized()
                    settings.model = head
                    settings.encoder = encoder
                    settings.weights = weights
                    settings.precision = CInt(GANRM_PRECISION_F32)
                    change(&settings)
                    return ganrm_model_open(&opened, &settings)
                }
            }
        }
        try #require(Int(status) == GANRM_OK, "\(String(cString: ganrm_message()))")
        return opened
    }

    /// The fingerprint in rows of `ganrm score`.
    func fingerprint() throws -> String {
        try RewardModel.load(head).shortFingerprint
    }

    /// Embeddings of a file from `ganrm encode`.
    func embeddings(_ path: String, options: [String]) throws -> [[Float]] {
        let output = folder.path("embeddings.safetensors")
        let run = try CommandRun.ganrm(
            ["encode", path, "-o", output] + options + self.options)
        try #require(run.status == 0, "\(run.messages)")
        return try EmbeddingSet(path: output).vectors
    }
}

extension ganrm_model_settings {
    fileprivate static func initialized() -> Self {
        var settings = Self()
        ganrm_model_settings_init(&settings, MemoryLayout<Self>.size)
        return settings
    }
}

extension ganrm_filter_settings {
    fileprivate static func initialized() -> Self {
        var settings = Self()
        ganrm_filter_settings_init(&settings, MemoryLayout<Self>.size)
        return settings
    }
}

extension ganrm_frame {
    fileprivate static func initialized() -> Self {
        var frame = Self()
        ganrm_frame_init(&frame, MemoryLayout<Self>.size)
        return frame
    }
}
