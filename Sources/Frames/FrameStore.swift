import Glibc

/// Keeps frames until the end of a stream tells which are needed: in memory up to a limit, the rest in
/// a temporary file without a name, which vanishes with the process.
final class FrameStore {
    private let memoryLimit: Int
    private var frames: [[UInt8]] = []
    private var bytesInMemory = 0
    private var descriptor: Int32 = -1
    /// Where the frames after those in memory lie in the file.
    private var extents: [(offset: Int, count: Int)] = []

    init(memoryLimit: Int) {
        self.memoryLimit = memoryLimit
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }

    func append(_ frame: [UInt8]) throws(MediaError) {
        if extents.isEmpty && bytesInMemory + frame.count <= memoryLimit {
            frames.append(frame)
            bytesInMemory += frame.count
            return
        }
        if descriptor < 0 { try openFile() }
        let offset = extents.last.map { $0.offset + $0.count } ?? 0
        let done = frame.withUnsafeBytes { bytes in
            Self.all(bytes.count) { done in
                pwrite(descriptor, bytes.baseAddress! + done, bytes.count - done, offset + done)
            }
        }
        guard done else { throw .temporaryFile(reason: String(cString: strerror(errno))) }
        extents.append((offset, frame.count))
    }

    func frame(at index: Int) throws(MediaError) -> [UInt8] {
        if index < frames.count { return frames[index] }
        let (offset, count) = extents[index - frames.count]
        var done = false
        let frame = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            let bytes = UnsafeMutableRawBufferPointer(buffer)
            done = Self.all(count) { done in
                pread(descriptor, bytes.baseAddress! + done, count - done, offset + done)
            }
            filled = done ? count : 0
        }
        guard done else { throw .temporaryFile(reason: String(cString: strerror(errno))) }
        return frame
    }

    private func openFile() throws(MediaError) {
        let folder = getenv("TMPDIR").map { String(cString: $0) } ?? "/var/tmp"
        var template = Array("\(folder)/ganrm-frames-XXXXXX".utf8CString)
        descriptor = mkstemp(&template)
        guard descriptor >= 0 else {
            throw .temporaryFile(reason: "\(folder): \(String(cString: strerror(errno)))")
        }
        unlink(template)
    }

    /// Repeats a transfer that may be partial until `count` bytes are through.
    private static func all(_ count: Int, _ transfer: (Int) -> Int) -> Bool {
        var done = 0
        while done < count {
            let step = transfer(done)
            if step < 0 && errno == EINTR { continue }
            if step <= 0 { return false }
            done += step
        }
        return true
    }
}
