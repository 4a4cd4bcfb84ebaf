import Foundation

/// A bounded first-in-first-out queue between one producer thread and one consumer thread.
///
/// Each element has a cost. The costs of the queued elements add up to at most `capacity`, unless
/// there is only one element. A slow consumer therefore blocks the producer in `push`, or makes
/// `pushDropping` discard the oldest elements; memory stays bounded.
final class BoundedQueue<Element: Sendable>: @unchecked Sendable {
    private let condition = NSCondition()
    private let capacity: Int
    /// Maximum number of elements for `push`, which also bounds elements of cost 0.
    private static var maximumCount: Int { 256 }
    // `condition` guards the following properties.
    private var elements: [(element: Element, cost: Int)] = []
    private var cost = 0
    private var isClosed = false

    init(capacity: Int) {
        precondition(capacity > 0)
        self.capacity = capacity
    }

    /// Waits until the element fits, then appends it.
    ///
    /// - Returns: False if the queue is closed; the element is then discarded.
    func push(_ element: Element, cost: Int) -> Bool {
        condition.lock()
        defer { condition.unlock() }
        while !isClosed && !elements.isEmpty
            && (self.cost + cost > capacity || elements.count >= Self.maximumCount)
        {
            condition.wait()
        }
        guard !isClosed else { return false }
        elements.append((element, cost))
        self.cost += cost
        condition.signal()
        return true
    }

    /// Appends without waiting, and discards the oldest elements with a cost until the new one
    /// fits.
    ///
    /// - Returns: False if the queue is closed; the element is then discarded.
    func pushDropping(_ element: Element, cost: Int) -> Bool {
        condition.lock()
        defer { condition.unlock() }
        guard !isClosed else { return false }
        while self.cost + cost > capacity, let oldest = elements.firstIndex(where: { $0.cost > 0 })
        {
            self.cost -= elements.remove(at: oldest).cost
        }
        elements.append((element, cost))
        self.cost += cost
        condition.signal()
        return true
    }

    /// Waits for an element, then removes queued elements up to a total cost of `limit`, but at
    /// least one.
    ///
    /// - Returns: The elements in order; empty once the queue is closed and drained.
    func take(upTo limit: Int) -> [Element] {
        condition.lock()
        defer { condition.unlock() }
        while elements.isEmpty && !isClosed { condition.wait() }
        var taken: [Element] = []
        var sum = 0
        for (element, cost) in elements {
            if sum + cost > limit && !taken.isEmpty { break }
            sum += cost
            taken.append(element)
        }
        elements.removeFirst(taken.count)
        cost -= sum
        condition.signal()
        return taken
    }

    /// Closes the queue to new elements; queued ones can still be taken.
    func close() { close { _ in true } }

    /// Closes the queue and discards all elements after the last one for which `completes` is true.
    func close(after completes: (Element) -> Bool) {
        condition.lock()
        defer { condition.unlock() }
        isClosed = true
        while let last = elements.last, !completes(last.element) {
            cost -= last.cost
            elements.removeLast()
        }
        condition.broadcast()
    }
}
