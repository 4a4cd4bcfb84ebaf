internal import Dispatch
internal import Foundation

/// Distributes the elements of a layer over the processors that this process may use.
///
/// One thread computes an element in a fixed order, so results do not depend on the thread count.
package enum HeadThreads {
    private static let count = ProcessInfo.processInfo.activeProcessorCount
    /// Elements per cache line; ranges begin at multiples of it.
    private static let alignment = 16
    /// Elements per thread below which a thread costs more than it saves.
    private static let minimumCount = 256

    /// Calls `body` concurrently with ranges that partition `0..<width`.
    package static func share(_ width: Int, _ body: (Range<Int>) -> Void) {
        let parts = min(count, width / minimumCount)
        guard parts > 1 else { return body(0..<width) }
        let size = (width + parts * alignment - 1) / (parts * alignment) * alignment
        withoutActuallyEscaping(body) { body in
            nonisolated(unsafe) let body = body
            DispatchQueue.concurrentPerform(iterations: parts) { part in
                let start = min(part * size, width)
                body(start..<min(start + size, width))
            }
        }
    }
}
