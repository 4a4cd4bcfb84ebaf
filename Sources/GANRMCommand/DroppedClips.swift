import GANRM

/// Counts what `--realtime` drops of the stream in hand, and says so.
struct DroppedClips {
    private var total = 0
    private var scored = 0
    /// Since the last row.
    private var recent = 0

    /// - Returns: What to say at the first of them.
    mutating func add(_ count: Int, of request: Request) -> String? {
        defer {
            total += count
            recent += count
        }
        guard total == 0 else { return nil }
        return """
            '\(request.input)' is faster than the encoder, so clips are dropped; a larger --hop or --stride \
            asks for less
            """
    }

    /// A clip was scored.
    ///
    /// - Returns: How many were dropped since the one before.
    mutating func countClip() -> Int {
        defer { recent = 0 }
        scored += 1
        return recent
    }

    /// The stream has ended.
    ///
    /// - Returns: What to say about it, if clips were dropped.
    mutating func end(_ request: Request) -> String? {
        defer { self = DroppedClips() }
        guard total > 0 else { return nil }
        return "'\(request.input)': \(total) of \(total + scored) clips were dropped"
    }
}
