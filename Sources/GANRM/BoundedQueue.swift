import Foundation

/// A first-in-first-out line between one thread that makes things and one that uses them.
///
/// It holds at most `capacity` elements: a slow user slows the maker instead of filling memory.
final class BoundedQueue<Element: Sendable>: @unchecked Sendable {
    private let condition = NSCondition()
    private let capacity: Int
    // All below is guarded by `condition`.
    private var elements: [Element] = []
    private var isClosed = false

    init(capacity: Int) {
        precondition(capacity > 0)
        self.capacity = capacity
    }

    /// Waits for room, then appends; false if the queue was closed, and the element is dropped.
    func push(_ element: Element) -> Bool {
        condition.lock()
        defer { condition.unlock() }
        while elements.count >= capacity && !isClosed { condition.wait() }
        guard !isClosed else { return false }
        elements.append(element)
        condition.signal()
        return true
    }

    /// Waits for an element, then takes what is there, at most `limit`; empty once closed and drained.
    func take(upTo limit: Int) -> [Element] {
        condition.lock()
        defer { condition.unlock() }
        while elements.isEmpty && !isClosed { condition.wait() }
        let taken = Array(elements.prefix(limit))
        elements.removeFirst(taken.count)
        condition.signal()
        return taken
    }

    /// No more elements will come or be accepted; what is inside can still be taken.
    func close() {
        condition.lock()
        defer { condition.unlock() }
        isClosed = true
        condition.broadcast()
    }
}
