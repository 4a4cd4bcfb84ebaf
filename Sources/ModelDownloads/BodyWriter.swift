import Files
import Foundation
import ModelCatalogue

/// Writes a response body to a `.part` file, from the offset that the response's range gives.
final class BodyWriter {
    /// Maximum length of a file without a stated length, in bytes: a body without end must not fill
    /// the disk. The largest encoder of the catalogue has 1.2 GB.
    static let unstatedLimit = 8 << 30

    private let part: String
    /// Length of the file in bytes, from the catalogue or the hub; nil if unknown.
    private let expected: Int?
    /// Maximum length of the file, in bytes.
    private var limit = unstatedLimit
    private let progress: (PullEvent) -> Void
    private var fileDescriptor: Int32 = -1
    private var byteCount = 0
    private var lastReport = Date.distantPast

    private(set) var hasStarted = false
    /// Length of the complete file in bytes, from the response's headers.
    private(set) var total: Int?
    /// Whether the server sent a range that does not continue the part.
    private(set) var isMisplaced = false
    private(set) var error: CatalogueError?
    /// The length that the body exceeds; nil if it does not.
    private(set) var exceeded: Int?

    init(part: String, expected: Int?, progress: @escaping (PullEvent) -> Void) {
        self.part = part
        self.expected = expected
        self.progress = progress
    }

    /// Writes a chunk of the body; returns false if the transfer must be aborted.
    ///
    /// - Parameter starting: Called before the first byte of a new file is written.
    func take(
        _ piece: UnsafeRawBufferPointer, _ response: HTTPRequest.Response, starting: () -> Void
    ) -> Bool {
        guard response.status == 200 || response.status == 206 else { return false }
        if !hasStarted && !start(response, starting: starting) { return false }
        guard piece.count <= limit - byteCount else {
            exceeded = limit
            return false
        }
        do throws(CatalogueError) {
            try ChunkedFile.append(
                piece, to: fileDescriptor, path: part, failing: CatalogueError.file)
        } catch {
            self.error = error
            return false
        }
        byteCount += piece.count
        report(always: false)
        return true
    }

    /// Creates an empty file, for a response without a body.
    func startEmpty() {
        _ = start(HTTPRequest.Response(status: 200), starting: {})
        close()
    }

    func close() {
        guard fileDescriptor >= 0 else { return }
        report(always: true)
        if fsync(fileDescriptor) != 0, error == nil {
            error = .file(.last(.write, part))
        }
        Foundation.close(fileDescriptor)
        fileDescriptor = -1
    }

    private func start(_ response: HTTPRequest.Response, starting: () -> Void) -> Bool {
        hasStarted = true
        let length = response.headers["content-length"].flatMap { Int($0) }
            .flatMap { (0...1 << 60).contains($0) ? $0 : nil }
        var flags = O_WRONLY | O_CREAT | O_CLOEXEC
        if response.status == 206 {
            byteCount = FileSystem.byteCount(part) ?? 0
            guard let range = response.headers["content-range"].flatMap(ContentRange.init),
                range.start == byteCount
            else {
                isMisplaced = true
                return false
            }
            total = range.total ?? length.map { byteCount + $0 }
            flags |= O_APPEND
        } else {
            total = length
            flags |= O_TRUNC
            starting()
        }
        fileDescriptor = open(part, flags, 0o666)
        guard fileDescriptor >= 0 else {
            error = .file(.last(.write, part))
            return false
        }
        if let total, let expected, total > expected {
            exceeded = expected
            return false
        }
        let known = total ?? expected
        limit = known ?? Self.unstatedLimit
        // Report a full disk before the download, not after a gigabyte of it.
        var disk = statvfs()
        if fstatvfs(fileDescriptor, &disk) == 0 {
            let free = Int(clamping: UInt64(disk.f_bavail) &* UInt64(disk.f_frsize))
            if let known, known - byteCount > free {
                error = .file(
                    FileError(
                        .write, part,
                        .file("\(known - byteCount) bytes to come, \(free) bytes free")))
                return false
            }
            if known == nil { limit = min(limit, byteCount + free / 2) }
        }
        return true
    }

    /// Reports progress at most ten times a second, and at the end.
    private func report(always: Bool) {
        let now = Date()
        guard always || now.timeIntervalSince(lastReport) >= 0.1 else { return }
        lastReport = now
        progress(.receiving(byteCount: byteCount, total: total))
    }
}

/// A `Content-Range` header: `bytes 100-199/200`, or `…/*` if the total is unknown.
private struct ContentRange {
    var start: Int
    var total: Int?

    init?(_ header: String) {
        let fields = header.split(whereSeparator: { " -/".contains($0) })
        guard fields.count == 4, fields[0] == "bytes", let start = Int(fields[1]) else {
            return nil
        }
        self.start = start
        total = Int(fields[3])
    }
}
