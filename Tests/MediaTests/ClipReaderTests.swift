import Foundation
import Frames
import Media
import Synchronization
import Testing
import TestSupport

@Suite struct ClipReaderTests {
    static let samplings: [Sampling] = [
        .uniform(UniformSampling(frameCount: 8)),
        .window(WindowSampling(frameCount: 4, step: .stride(3), hop: 6)),
        .window(WindowSampling(frameCount: 4, step: .clipRate(5))),
    ]

    @Test(arguments: ["a.mp4", "a.mkv", "a.avi", "a.gif", "a.webm", "a.ts", "a.y4m"], samplings)
    func `a file and a pipe give the same clips`(name: String, sampling: Sampling) throws {
        let folder = try TemporaryFolder()
        let faststart = name == "a.mp4" ? "-movflags +faststart" : ""
        let path = try folder.make(name, source: "testsrc2=s=64x48:r=10:d=4", faststart)
        let file = try read(path, sampling)
        let pipe = try folder.withPipe(path) { try read($0, sampling) }
        #expect(file.clips == pipe.clips)
        #expect(!file.clips.isEmpty)
        #expect(file.summary.frameCount == 40)
        #expect(file.summary.truncation == nil)
        #expect(abs((file.summary.durationSeconds ?? 0) - 4) < 0.01)
        // The clips have the decoded frames of their indices.
        let frames = try Reading(path).frames
        for clip in file.clips {
            #expect(clip.frames == clip.indices.map { frames[$0].pixels })
        }
    }

    @Test(arguments: samplings)
    func `a damaged file gives the same clips directly and through a pipe`(
        sampling: Sampling
    ) throws {
        let folder = try TemporaryFolder()
        _ = try folder.make(
            "a.mp4", source: "testsrc2=s=160x120:r=10:d=5,noise=alls=20",
            "-movflags +faststart -g 10 -pix_fmt yuv420p")
        var bytes = try folder.bytes("a.mp4")
        for i in stride(from: bytes.count / 3, to: bytes.count / 2, by: 501) { bytes[i] ^= 0x55 }
        let path = try folder.write(bytes.prefix(bytes.count * 9 / 10), to: "damaged.mp4")
        let file = try read(path, sampling)
        let pipe = try folder.withPipe(path) { try read($0, sampling) }
        #expect(file.clips == pipe.clips)
        #expect(file.summary.frameCount == pipe.summary.frameCount)
        #expect(file.summary.truncation != nil && pipe.summary.truncation != nil)
    }

    @Test func `uniform sampling uses the decoded frames if the index lists more`() throws {
        let folder = try TemporaryFolder()
        let path = try folder.make(
            "a.mp4", source: "testsrc2=s=64x48:r=10:d=6", "-movflags +faststart -bf 0 -g 60")
        let bytes = try folder.bytes("a.mp4")
        let truncated = try folder.write(bytes.prefix(bytes.count * 7 / 10), to: "truncated.mp4")
        let length = try Reading(truncated).frames.count
        #expect(length < 60)
        let file = try read(truncated, Self.samplings[0])
        #expect(
            file.clips.map(\.indices)
                == [UniformSampling(frameCount: 8).indices(videoLength: length)])
        #expect(try read(path, Self.samplings[0]).summary.frameCount == 60)
    }

    /// 8 s at 24 fps and 16 s at 3 fps: by index, six of eight frames would come from the first third.
    @Test(arguments: ["a.mp4", "a.mkv", "a.avi", "a.nut"])
    func `a variable frame rate is sampled by time, from a file and from a pipe`(
        name: String
    ) throws {
        let folder = try TemporaryFolder()
        let path = try folder.make(
            name, source: "testsrc2=s=64x48:r=24:d=24",
            "-vf select=lt(n\\,192)+not(mod(n\\,8)) -fps_mode passthrough -bf 0"
                + (name == "a.mp4" ? " -movflags +faststart" : ""))
        let times = try Reading(path).times.compactMap(\.ptsSeconds)
        #expect(times.count == 192 + 48)
        let sampling = Self.samplings[0]
        let file = try read(path, sampling)
        let pipe = try folder.withPipe(path) { try read($0, sampling) }
        #expect(file.clips == pipe.clips)
        let sampled = file.clips[0].indices.map { times[$0] }
        for (i, time) in sampled.enumerated() {
            // Frames of the slow part are a third of a second apart.
            #expect(abs(time - (Double(i) + 0.5) * 3) < 0.6, "\(sampled)")
        }
    }

    @Test func `only sampled frames are prepared`() throws {
        let folder = try TemporaryFolder()
        let path = try folder.make("a.mkv", source: "testsrc2=s=64x48:r=10:d=6")
        let prepared = Mutex<[Int]>([])
        let reader = ClipReader(
            source: .path(path), sampling: .uniform(UniformSampling(frameCount: 4))
        ) { frame in
            prepared.withLock { $0.append(frame.index) }
            return []
        }
        _ = try reader.read { _ in }
        #expect(prepared.withLock { $0 } == [7, 22, 37, 52])
    }

    @Test(arguments: samplings)
    func `an image is a clip of repeated frames`(sampling: Sampling) throws {
        let folder = try TemporaryFolder()
        let path = try folder.make("a.png", "-frames:v 1")
        let image: Sampling =
            if case .window(var window) = sampling, case .clipRate = window.step {
                {
                    window.step = .stride(1); return .window(window)
                }()
            } else {
                sampling
            }
        let (clips, summary) = try read(path, image)
        #expect(clips.count == 1)
        #expect(clips[0].indices == Array(repeating: 0, count: image.frameCount))
        #expect(summary.info.kind == .image)
        #expect(summary.durationSeconds == nil)
    }

    @Test func `the plan depends on the media kind`() throws {
        let folder = try TemporaryFolder()
        for (name, count) in [("a.png", 1), ("a.mp4", 8)] {
            let path = try folder.make(name, name == "a.png" ? "-frames:v 1" : "")
            let reader = ClipReader(source: .path(path)) { info in
                let count = info.kind == .image ? 1 : 8
                return ReadPlan(sampling: .uniform(UniformSampling(frameCount: count))) { _ in [] }
            }
            try #expect(reader.clips().map(\.frames.count) == [count])
        }
    }

    @Test func `standard input is read sequentially`() async throws {
        // In a separate process, so that its standard input can be replaced.
        await #expect(processExitsWith: .success) {
            let folder = try TemporaryFolder()
            let path = try folder.make("a.nut", source: "testsrc2=s=64x48:r=10:d=4")
            let expected = try Reading(path)
            let child = try FFmpeg.start([
                "-nostdin", "-v", "error", "-i", path, "-c", "copy", "-f", "nut", "-",
            ])
            dup2(child.output.fileHandleForReading.fileDescriptor, STDIN_FILENO)
            close(child.output.fileHandleForReading.fileDescriptor)
            let reading = try Reading(.standardInput)
            #expect(reading.frames == expected.frames)
            #expect(reading.truncation == nil)
            #expect(throws: MediaError.empty(input: "-")) { try MediaReader(.standardInput) }
        }
    }

    @Test func `a file redirected to standard input is seekable`() async throws {
        await #expect(processExitsWith: .success) {
            let folder = try TemporaryFolder()
            // The index is at the end of the file.
            let path = try folder.make("a.mp4")
            let file = open(path, O_RDONLY)
            dup2(file, STDIN_FILENO)
            #expect(try Reading(.standardInput).frames.count == 10)
        }
    }

    /// Time between reads, for example in an encoder, does not count.
    @Test func `the time-out measures inactivity of the input, not of the reader`() throws {
        let folder = try TemporaryFolder()
        let path = try folder.make("a.y4m", source: "testsrc2=s=64x48:r=10:d=3")
        let times = try folder.withPipe(path) { pipe in
            let reader = try MediaReader(.path(pipe), options: MediaOptions(timeoutSeconds: 2))
            var times = [try reader.advance()]
            Thread.sleep(forTimeInterval: 2.5)
            while let time = try reader.advance() { times.append(time) }
            #expect(reader.truncation == nil)
            return times
        }
        #expect(times.count == 30)
    }

    @Test func `opening a pipe without a writer times out`() throws {
        let folder = try TemporaryFolder()
        let pipe = folder.path("pipe")
        try #require(mkfifo(pipe, 0o600) == 0)
        #expect(
            mediaError(pipe, options: MediaOptions(timeoutSeconds: 0.3))
                == .timedOut(input: pipe, seconds: 0.3))
    }

    /// Compares the peak resident memory after the first minute and at the end of an hour of video.
    @Test func `memory does not grow with the length of a stream`() async throws {
        await #expect(processExitsWith: .success) {
            let child = try FFmpeg.start([
                "-nostdin", "-v", "error", "-f", "lavfi", "-i", "testsrc=s=64x48:r=10:d=3600",
                "-c:v", "mpeg4", "-f", "nut", "-",
            ])
            dup2(child.output.fileHandleForReading.fileDescriptor, STDIN_FILENO)
            let reader = ClipReader(
                source: .standardInput,
                sampling: .window(WindowSampling(frameCount: 8, step: .clipRate(8), hop: 4))
            ) { $0.pixels }
            var clipCount = 0
            var afterMinute = 0
            let summary = try reader.read { clip in
                clipCount += 1
                if afterMinute == 0, let start = clip.startSeconds, start > 60 {
                    afterMinute = try peakResidentBytes()
                }
            }
            let atEnd = try peakResidentBytes()
            #expect(summary.frameCount == 36000)
            #expect(clipCount == 7199)
            #expect(afterMinute > 0)
            #expect(atEnd - afterMinute < 50 << 20, "grew by \((atEnd - afterMinute) >> 20) MiB")
        }
    }
}

/// Peak resident memory of this process in bytes.
private func peakResidentBytes() throws -> Int {
    let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
    let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") })
    return try #require(Int(line.filter(\.isNumber))) << 10
}

private func read(
    _ path: String, _ sampling: Sampling
) throws -> (clips: [Clip], summary: ReadSummary) {
    var clips: [Clip] = []
    let reader = ClipReader(source: .path(path), sampling: sampling) { $0.pixels }
    let summary = try reader.read { clips.append($0) }
    return (clips, summary)
}

extension ClipReader {
    fileprivate func clips() throws -> [Clip] {
        var clips: [Clip] = []
        _ = try read { clips.append($0) }
        return clips
    }
}
