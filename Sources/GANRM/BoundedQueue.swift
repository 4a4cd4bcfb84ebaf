import Foundation

/// A first-in-first-out line between one thread that makes things and one that uses them.
///
/// Elements have costs. What waits costs at most `capacity`, or is a single element: a slow user slows
/// the maker instead of filling memory, or makes it drop what waits longest.
final class BoundedQueue<Element: Sendable>: @unchecked Sendable {
    private let condition = NSCondition()
    private let capacity: Int
    /// Bounds what costs nothing, too.
    private static var longest: Int { 256 }
    // All below is guarded by `condition`.
    private var elements: [(element: Element, cost: Int)] = []
    private var cost = 0
    private var isClosed = false

    init(capacity: Int) {
        precondition(capacity > 0)
        self.capacity = capacity
    }

    /// Waits for room, then appends; false if the queue was closed, and the element is dropped.
    func push(_ element: Element, cost: Int) -> Bool {
        condition.lock()
        defer { condition.unlock() }
        while !isClosed && !elements.isEmpty
            && (self.cost + cost > capacity || elements.count >= Self.longest)
        {
            condition.wait()
        }
        guard !isClosed else { return false }
        elements.append((element, cost))
        self.cost += cost
        condition.signal()
        return true
    }

    /// Appends without waiting: elements with costs that have waited longest are dropped for it. False if the
    /// queue was closed.
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

    /// Waits for an element, then takes what is there and costs at most `limit`; empty once closed and
    /// drained.
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

    /// No more elements will come or be accepted; what is inside can still be taken.
    func close() { close { _ in true } }

    /// The same, and drops what comes after the last element that completes something.
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
