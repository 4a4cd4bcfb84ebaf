import Files
import Glibc

/// Keeps frames until the end of a stream, when it is known which are needed: in memory up to a
/// limit, the rest in an unlinked temporary file, which is deleted with the process.
final class FrameSpool {
    /// Memory that is left to the rest of the process, in bytes.
    private static let spareBytes = 64 << 20

    private let memoryLimit: Int
    private var frames: [[UInt8]] = []
    private var bytesInMemory = 0
    private let folder = getenv("TMPDIR").map { String(cString: $0) } ?? "/var/tmp"
    private var descriptor: Int32 = -1
    /// Offsets and sizes, in bytes, of the frames in the file, which follow those in memory.
    private var extents: [(offset: Int, count: Int)] = []

    init(memoryLimit: Int) {
        self.memoryLimit = memoryLimit
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }

    func append(_ frame: [UInt8]) throws(FrameError) {
        if extents.isEmpty && bytesInMemory + frame.count <= memoryLimit
            && Memory.isAvailable(Self.spareBytes)
        {
            frames.append(frame)
            bytesInMemory += frame.count
            return
        }
        if descriptor < 0 { try openFile() }
        let offset = extents.last.map { $0.offset + $0.count } ?? 0
        let done = frame.withUnsafeBytes { bytes in
            Self.transferAll(bytes.count) { done in
                pwrite(descriptor, bytes.baseAddress! + done, bytes.count - done, offset + done)
            }
        }
        guard done else { throw .temporaryFile(.last(.write, folder)) }
        extents.append((offset, frame.count))
    }

    func frame(at index: Int) throws(FrameError) -> [UInt8] {
        if index < frames.count { return frames[index] }
        let (offset, count) = extents[index - frames.count]
        var done = false
        let frame = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            let bytes = UnsafeMutableRawBufferPointer(buffer)
            done = Self.transferAll(count) { done in
                pread(descriptor, bytes.baseAddress! + done, count - done, offset + done)
            }
            filled = done ? count : 0
        }
        guard done else { throw .temporaryFile(.last(.read, folder)) }
        return frame
    }

    private func openFile() throws(FrameError) {
        var template = Array("\(folder)/ganrm-frames-XXXXXX".utf8CString)
        descriptor = mkstemp(&template)
        guard descriptor >= 0 else { throw .temporaryFile(.last(.write, folder)) }
        unlink(template)
    }

    /// Repeats a transfer that may be partial until `count` bytes are transferred; false on
    /// failure.
    private static func transferAll(_ count: Int, _ transfer: (Int) -> Int) -> Bool {
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
