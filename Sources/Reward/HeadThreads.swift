internal import Dispatch
internal import Foundation

/// Shares the numbers of a layer out over the processors that this process may use.
///
/// Each number is computed by one thread in one order, so the bits do not depend on how many there are.
enum HeadThreads {
    private static let count = ProcessInfo.processInfo.activeProcessorCount
    /// Parts begin at whole cache lines.
    private static let unit = 16
    /// Below this many numbers a thread costs more than it saves.
    private static let least = 256

    /// Calls `body` with ranges that make up `0..<width`, at once.
    static func share(_ width: Int, _ body: (Range<Int>) -> Void) {
        let parts = min(count, width / least)
        guard parts > 1 else { return body(0..<width) }
        let size = (width + parts * unit - 1) / (parts * unit) * unit
        withoutActuallyEscaping(body) { body in
            nonisolated(unsafe) let body = body
            DispatchQueue.concurrentPerform(iterations: parts) { part in
                let start = min(part * size, width)
                body(start..<min(start + size, width))
            }
        }
    }
}
