import Foundation

/// Puts the body of an answer where it belongs in a `.part` file.
final class BodyWriter {
    private let part: String
    private let progress: (PullEvent) -> Void
    private var file: Int32 = -1
    private var byteCount = 0
    private var lastReport = Date.distantPast

    private(set) var hasStarted = false
    /// Length of the whole file, as this answer states it.
    private(set) var total: Int?
    /// The server sent a range that does not continue the part.
    private(set) var isMisplaced = false
    private(set) var error: CatalogueError?

    init(part: String, progress: @escaping (PullEvent) -> Void) {
        self.part = part
        self.progress = progress
    }

    /// Takes a piece of the body; false if there is no use in going on.
    ///
    /// - Parameter starting: Called before the first byte of a new file is kept.
    func take(
        _ piece: UnsafeRawBufferPointer, _ answer: HubExchange.Answer, starting: () -> Void
    ) -> Bool {
        // What stands in a redirect or an error page is of no interest, but is read to its end.
        guard answer.status == 200 || answer.status == 206 else { return true }
        if !hasStarted && !start(answer, starting: starting) { return false }
        do throws(CatalogueError) {
            try FileCopy.append(piece, to: file, path: part)
        } catch {
            self.error = error
            return false
        }
        byteCount += piece.count
        report(always: false)
        return true
    }

    /// The answer had no body: the file is empty.
    func startEmpty() {
        _ = start(HubExchange.Answer(status: 200), starting: {})
        close()
    }

    func close() {
        guard file >= 0 else { return }
        report(always: true)
        if fsync(file) != 0, error == nil {
            error = .unwritable(path: part, reason: FileCopy.lastReason())
        }
        Foundation.close(file)
        file = -1
    }

    private func start(_ answer: HubExchange.Answer, starting: () -> Void) -> Bool {
        hasStarted = true
        let length = answer.headers["content-length"].flatMap { Int($0) }
            .flatMap { (0...1 << 60).contains($0) ? $0 : nil }
        var flags = O_WRONLY | O_CREAT | O_CLOEXEC
        if answer.status == 206 {
            byteCount = FileCopy.byteCount(part) ?? 0
            guard let range = answer.headers["content-range"].flatMap(ContentRange.init),
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
        file = open(part, flags, 0o666)
        guard file >= 0 else {
            error = .unwritable(path: part, reason: FileCopy.lastReason())
            return false
        }
        // Better to say so now than after a gigabyte.
        var disk = statvfs()
        if let total, fstatvfs(file, &disk) == 0 {
            let free = UInt64(disk.f_bavail) &* UInt64(disk.f_frsize)
            guard total - byteCount <= Int(clamping: free) else {
                error = .unwritable(
                    path: part, reason: "\(total - byteCount) bytes to come, \(free) free")
                return false
            }
        }
        return true
    }

    /// At most ten reports a second, and one at the end.
    private func report(always: Bool) {
        let now = Date()
        guard always || now.timeIntervalSince(lastReport) >= 0.1 else { return }
        lastReport = now
        progress(.receiving(byteCount: byteCount, total: total))
    }
}

/// `bytes 100-199/200`, or `…/*` if the total is unknown.
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
