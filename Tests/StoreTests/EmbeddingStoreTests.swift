import Encoders
import Foundation
import Frames
import GRDB
import Media
import Store
import Tensors
import Testing
import TestSupport

@Suite struct EmbeddingStoreTests {
    let folder: TemporaryFolder
    let path: String

    init() throws {
        folder = try TemporaryFolder()
        path = folder.path("store/embeddings.sqlite")
    }

    @Test func `a file is found under any name, but not after a change`() throws {
        let store = try EmbeddingStore(path: path)
        let file = try folder.write("the bytes of a video", to: "a.mp4")
        let content = try #require(store.content(ofFile: file))
        #expect(store.find(content, by: [.video: recipe()]) == nil)
        store.insert(input(), of: content, at: file, by: recipe())

        let copy = try folder.write("the bytes of a video", to: "other/name.mp4")
        let same = try #require(store.content(ofFile: copy))
        let found = try #require(store.find(same, by: [.video: recipe()]))
        #expect(found.input == input())
        try folder.write("the bytes of a video.", to: "a.mp4")
        let changed = try #require(store.content(ofFile: file))
        #expect(store.find(changed, by: [.video: recipe()]) == nil)
        #expect(store.lastProblem == nil)
    }

    @Test func `everything that an embedding depends on distinguishes recipes`() throws {
        let store = try EmbeddingStore(path: path)
        let file = try folder.write("x", to: "a.mp4")
        let content = try #require(store.content(ofFile: file))
        store.insert(input(), of: content, at: file, by: recipe())
        let others = [
            recipe(fingerprint: "beef"), recipe(taps: [9, 11]), recipe(precision: .bf16),
            recipe(sampling: .uniform(UniformSampling(frameCount: 4))),
            recipe(sampling: .window(WindowSampling(frameCount: 8))),
            recipe(options: MediaOptions(frameRate: "10")),
            recipe(options: MediaOptions(format: "rawvideo", width: 4, height: 2)),
        ]
        for other in others { #expect(store.find(content, by: [.video: other]) == nil) }
        let renamed = recipe(name: "another name")
        #expect(store.find(content, by: [.image: others[0], .video: renamed]) != nil)
        // A recipe for images does not find a video.
        #expect(store.find(content, by: [.image: recipe(), .video: others[0]]) == nil)
    }

    @Test func `a file that changes while it is encoded is not stored`() throws {
        let store = try EmbeddingStore(path: path)
        let file = try folder.write("before", to: "a.mp4")
        let content = try #require(store.content(ofFile: file))
        try folder.write("after!", to: "a.mp4")
        store.insert(input(), of: content, at: file, by: recipe())
        #expect(try store.contents().isEmpty)
    }

    /// The times of a file may be any, as of an archive or a broken clock; the file system clamps
    /// them to its own range.
    @Test(arguments: [Int.max, 9_999_999_999, -9_999_999_999, Int.min])
    func `a file of any date has content`(seconds: Int) throws {
        let store = try EmbeddingStore(path: path)
        let file = try folder.write("x", to: "a.mp4")
        var times = [timespec(), timespec()]
        times[1].tv_sec = seconds
        guard utimensat(AT_FDCWD, file, times, 0) == 0 else { return }
        let content = try #require(store.content(ofFile: file))
        store.insert(input(), of: content, at: file, by: recipe())
        #expect(store.find(content, by: [.video: recipe()])?.input == input())
    }

    @Test func `only a regular file has content`() throws {
        let store = try EmbeddingStore(path: path)
        #expect(store.content(ofFile: folder.path) == nil)
        #expect(store.content(ofFile: "/dev/null") == nil)
        #expect(store.content(ofFile: folder.path("missing")) == nil)
    }

    @Test(arguments: [0, 20, 100, 4096, 9000])
    func `a damaged store is renamed and recreated`(offset: Int) throws {
        try fill(count: 40)
        // Zeros from an offset on, as after a disk failure.
        let file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
        let size = try file.seekToEnd()
        try file.seek(toOffset: UInt64(offset))
        try file.write(contentsOf: Data(count: min(60_000, Int(size) - offset)))
        try file.close()

        let store = try EmbeddingStore(path: path)
        _ = try? store.verify()
        #expect(store.lastProblem?.contains("has been recreated") == true)
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path("store"))
        #expect(names.contains("embeddings.sqlite.damaged-1"))
        // The new store works.
        let video = try folder.write("x", to: "a.mp4")
        let content = try #require(store.content(ofFile: video))
        store.insert(input(), of: content, at: video, by: recipe())
        #expect(store.find(content, by: [.video: recipe()])?.input == input())
    }

    @Test func `an embedding with a flipped bit is removed, not used`() throws {
        try fill(count: 3)
        var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        let embeddingBytes = input(1).clips[0].embedding.prefix(4).withUnsafeBytes { Data($0) }
        let range = try #require(bytes.range(of: embeddingBytes))
        bytes[range.lowerBound + 1] ^= 4
        try bytes.write(to: URL(fileURLWithPath: path))

        let store = try EmbeddingStore(path: path)
        let found = (0..<3).map { store.find(content(store, $0), by: [.video: recipe()])?.input }
        #expect(found == [input(0), nil, input(2)])
        let verified = try store.verify()
        #expect(verified.sound == 2 && verified.removed == 0)
        #expect(store.lastProblem?.contains("it is encoded again") == true)
    }

    /// One flipped bit anywhere: an input is found as it was or not at all, and nothing traps.
    @Test func `flipped bits are never used and never trap`() throws {
        try fill(count: 3)
        let whole = try Data(contentsOf: URL(fileURLWithPath: path))
        let columns = try #require(whole.range(of: Data("mov,mp4h264".utf8))).lowerBound
        var random = SplitMix(state: 11)
        // Half of the flips hit the short columns of a row and the header with their types.
        for round in 0..<600 {
            let offset =
                round.isMultiple(of: 2)
                ? Int.random(in: columns - 120..<columns + 40, using: &random)
                : Int.random(in: 0..<whole.count, using: &random)
            var damaged = whole
            damaged[offset] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            let copy = folder.path("damaged/\(round).sqlite")
            try folder.write(damaged, to: "damaged/\(round).sqlite")
            guard let store = try? EmbeddingStore(path: copy) else { continue }
            _ = try? store.contents()
            _ = try? store.export(to: folder.path("damaged/export.safetensors"))
            for i in 0..<3 {
                let found = store.find(content(store, i), by: [.video: recipe()])?.input
                #expect(found == nil || found == input(i), "offset \(offset)")
            }
            _ = try? store.verify()
            _ = try? store.prune(PruneRule(encoder: "tiny"))
            try? store.close()
        }
    }

    /// SQLite stores any type in any column.
    @Test(arguments: [
        "width = 'x'", "width = -1", "width = x'00'", "height = 9223372036854775807",
        "frames = 1e300", "frames = -1", "clip_count = 9223372036854775807", "clip_count = 0",
        "clip_count = 'two'", "kind = x'ff'", "kind = 'sound'", "frame_rate = 'fast'",
        "frame_rate = 9e999", "seconds = x'00'", "truncation = x'07'", "format = x'07'",
        "codec = x'07'",
        "width = 513", "content = x'00'", "clips = 'text'", "embeddings = 7", "embeddings = x''",
        "checksum = 'x'",
        "checksum = -9223372036854775808", "used = -9223372036854775808", "used = 'today'",
    ])
    func `a row with an impossible value is reported and removed`(assignment: String) throws {
        try fill(count: 2)
        let queue = try DatabaseQueue(path: path)
        try queue.write { try $0.execute(sql: "UPDATE input SET \(assignment) WHERE id = 1") }
        try queue.close()
        let store = try EmbeddingStore(path: path)
        let contents = try store.contents()
        #expect((1...2).contains(contents.map(\.inputCount).reduce(0, +)))
        let found = try store.export(to: folder.path("export.safetensors"))
        // `used` is not exported.
        #expect(found.exported + found.damaged == 2)
        #expect(found.damaged == (assignment.hasPrefix("used") ? 0 : 1))
        let column = try #require(assignment.split(separator: " ").first)
        let verified = try store.verify()
        #expect(verified.sound == 1 && verified.removed == 1)
        #expect(store.lastProblem?.contains("input 1 has ") == true)
        // A possible value that is not the stored one is found by the checksum.
        let problem = try #require(store.lastProblem)
        #expect(problem.contains("'\(column)'") || problem.contains("'checksum'"), "\(problem)")
        #expect(store.find(content(store, 0), by: [.video: recipe()]) == nil)
        #expect(store.find(content(store, 1), by: [.video: recipe()])?.input == input(1))
    }

    @Test(arguments: [
        ("\"width\":512", "\"width\":-1"), ("\"height\":320", "\"height\":\"320\""),
        ("\"frames\":16", "\"frames\":1e300"), ("\"frame_rate\":8", "\"frame_rate\":\"8\""),
        ("\"truncation\":\"frame 3 is damaged\"", "\"truncation\":7"),
        ("\"start\":0.1", "\"start\":[]"), ("\"indices\":[5]", "\"indices\":[]"),
        ("\"indices\":[5]", "\"indices\":[-5]"), ("\"degenerate\":null", "\"degenerate\":\"odd\""),
        ("\"embeddingWidth\":768", "\"embeddingWidth\":-9223372036854775808"),
        ("\"frameCount\":8", "\"frameCount\":0"),
    ])
    func `an export with an impossible value is refused`(valid: String, invalid: String) throws {
        try fill(count: 1)
        let store = try EmbeddingStore(path: path)
        let file = folder.path("export.safetensors")
        _ = try store.export(to: file)
        let weights = try WeightFile.open(file)
        let metadata = try #require(weights.metadata["store"])
        #expect(metadata.contains(valid), "\(metadata)")
        try Safetensors.write(
            stored: weights.tensors,
            metadata: ["store": metadata.replacingOccurrences(of: valid, with: invalid)], to: file)
        let other = try EmbeddingStore(path: folder.path("other.sqlite"))
        #expect(throws: StoreError.self) { try other.importInputs(from: file) }
        #expect(try other.contents().isEmpty)
    }

    @Test func `several processes read and write concurrently`() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for process in 0..<4 {
                group.addTask {
                    // Like another process: a separate connection, opened at the same time.
                    let store = try EmbeddingStore(path: path)
                    for i in 0..<50 {
                        let file = try folder.write("\(i / 2)", to: "\(process)/\(i).mp4")
                        let content = try #require(store.content(ofFile: file))
                        if let found = store.find(content, by: [.video: recipe()]) {
                            #expect(found.input == input(i / 2))
                        }
                        store.insert(input(i / 2), of: content, at: file, by: recipe())
                    }
                    #expect(store.lastProblem == nil)
                }
            }
            try await group.waitForAll()
        }
        let contents = try EmbeddingStore(path: path).contents()
        #expect(contents.map(\.inputCount) == [25])
    }

    @Test func `an export is imported bit-exactly`() throws {
        try fill(count: 5)
        let store = try EmbeddingStore(path: path)
        let file = folder.path("export.safetensors")
        let (exported, damaged) = try store.export(to: file)
        #expect(exported == 5 && damaged == 0)
        let other = try EmbeddingStore(path: folder.path("other.sqlite"))
        #expect(try other.importInputs(from: file) == 5)
        #expect(try other.importInputs(from: file) == 0)
        for i in 0..<5 {
            #expect(other.find(content(other, i), by: [.video: recipe()])?.input == input(i))
        }
    }

    /// Changes of an export that keep its length, in the JSON text inside of the header.
    @Test(arguments: [
        (#"\"width\":512"#, #"\"width\":-12"#, "key 'width': a whole number from 0 expected"),
        (#"\"width\":512"#, #"\"width\":5.2"#, "key 'width': a whole number from 0 expected"),
        (#"\"width\":512"#, #"\"widtt\":512"#, "key 'width': a whole number from 0 expected"),
        (#"\"frames\":16"#, #"\"frames\":{}"#, "key 'frames': a whole number from 0 expected"),
        (#"\"kind\":\"video\""#, #"\"kind\":\"audio\""#, "key 'kind': image or video expected"),
        (#"\"start\":0.1"#, #"\"start\":[1]"#, "key 'start': a finite number or null expected"),
        (#"\"indices\":[5]"#, #"\"indices\":"5""#, "is no JSON"),
        (
            #"\"indices\":[5]"#, #"\"indices\":555"#,
            "clip 1, key 'indices': a list of whole numbers from 0 expected"
        ),
        (#"\"codec\":\"h264\""#, #"\"codec\": 1234567"#, "key 'codec': a text expected"),
    ])
    func `an import refuses values of another type`(
        value: String, other: String, reason: String
    ) throws {
        try fill(count: 3)
        let file = folder.path("export.safetensors")
        _ = try EmbeddingStore(path: path).export(to: file)
        var bytes = try Data(contentsOf: URL(fileURLWithPath: file))
        let range = try #require(bytes.range(of: Data(value.utf8)))
        try #require(other.utf8.count == range.count)
        bytes.replaceSubrange(range, with: Data(other.utf8))
        try bytes.write(to: URL(fileURLWithPath: file))
        let store = try EmbeddingStore(path: folder.path("other.sqlite"))
        let error = #expect(throws: (any Error).self) { try store.importInputs(from: file) }
        let message = "\(error.map { "\($0)" } ?? "")"
        #expect(message.contains(reason) || reason == "is no JSON", "\(message)")
        #expect(try store.contents().isEmpty)
    }

    @Test func `an import refuses embeddings that are not finite`() throws {
        try fill(count: 2)
        let file = folder.path("export.safetensors")
        _ = try EmbeddingStore(path: path).export(to: file)
        var bytes = try Data(contentsOf: URL(fileURLWithPath: file))
        bytes.replaceSubrange(bytes.count - 4..<bytes.count, with: [0, 0, 0x80, 0x7f])
        try bytes.write(to: URL(fileURLWithPath: file))
        let store = try EmbeddingStore(path: folder.path("other.sqlite"))
        let error = #expect(throws: StoreError.self) { try store.importInputs(from: file) }
        #expect(
            error?.description.contains("embeddings.0, row 3: infinities or NaNs") == true,
            "\(error as Any)")
        #expect(try store.contents().isEmpty)
    }

    @Test func `pruning removes the selected inputs and frees disk space`() throws {
        try fill(count: 200)
        let store = try EmbeddingStore(path: path)
        let before = store.byteCountOnDisk
        #expect(try store.prune(PruneRule(encoder: "another")) == 0)
        #expect(try store.prune(PruneRule(idleDays: 1)) == 0)
        #expect(try store.prune(PruneRule(encoder: "tiny")) == 200)
        #expect(store.byteCountOnDisk < before / 2)
    }

    @Test func `a folder or a newer store is refused with a reason`() throws {
        try FileManager.default.createDirectory(
            atPath: folder.path("taken"), withIntermediateDirectories: false)
        #expect(throws: StoreError.self) { try EmbeddingStore(path: folder.path("taken")) }
        try fill(count: 1)
        var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        // The database header's user version, big-endian at byte 60.
        bytes[60] = 1
        try bytes.write(to: URL(fileURLWithPath: path))
        #expect(throws: StoreError.tooNew(path: path, version: 1 << 24 | 1)) {
            try EmbeddingStore(path: path)
        }
    }

    // MARK: Fixtures

    /// Stores some inputs and closes the store, so that no write-ahead log is left.
    private func fill(count: Int) throws {
        let store = try EmbeddingStore(path: path)
        for i in 0..<count {
            let file = try folder.write("content \(i)", to: "\(i).mp4")
            store.insert(
                input(i), of: try #require(store.content(ofFile: file)), at: file, by: recipe())
        }
        _ = try store.prune(PruneRule(encoder: "nobody"))
        try store.close()
    }

    private func content(_ store: EmbeddingStore, _ i: Int) -> FileSnapshot {
        guard let file = try? folder.write("content \(i)", to: "again/\(i).mp4"),
            let content = store.content(ofFile: file)
        else { preconditionFailure("the folder is writable") }
        return content
    }

    private func recipe(
        name: String = "tiny", fingerprint: String = "f00d", taps: [Int] = [9],
        precision: Precision = .f32, sampling: Sampling = .uniform(UniformSampling()),
        options: MediaOptions = .init()
    ) -> EmbeddingRecipe {
        EmbeddingRecipe(
            encoder: EncoderIdentity(
                name: name, fingerprint: fingerprint,
                preprocessing: Preprocessing(
                    resize: .shortSide, size: 256, filter: .pillowBicubic, crop: 224,
                    mean: [0.485, 0.456, 0.406], deviation: [0.229, 0.224, 0.225]),
                taps: taps, embeddingWidth: 768),
            precision: precision, sampling: sampling, options: options)
    }

    /// Two clips, with and without optional values.
    private func input(_ seed: Int = 0) -> EncodedInput {
        var random = SplitMix(state: UInt64(seed))
        func embedding() -> [Float] {
            (0..<768).map { _ in Float.random(in: -1...1, using: &random) }
        }
        return EncodedInput(
            summary: ReadSummary(
                info: MediaInfo(
                    kind: .video, width: 512, height: 320, frameRate: 8, durationSeconds: nil,
                    formatName: "mov,mp4", codecName: "h264"),
                frameCount: 16, durationSeconds: 2.125, truncation: "frame 3 is damaged"),
            clips: [
                EncodedClip(
                    indices: [0, 2, 2], startSeconds: 0.1, endSeconds: 1, embedding: embedding()),
                EncodedClip(
                    indices: [5], startSeconds: nil, endSeconds: nil, embedding: embedding()),
            ])
    }
}
