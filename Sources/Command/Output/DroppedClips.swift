import Pipeline

/// Counts the clips of the current stream that `--realtime` drops, and formats notices about them.
struct DroppedClips {
    private var total = 0
    private var scored = 0
    /// Clips dropped since the last scored clip.
    private var recent = 0

    /// Counts dropped clips.
    ///
    /// - Returns: A notice when the first clips are dropped, else nil.
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

    /// Counts a scored clip.
    ///
    /// - Returns: The number of clips dropped since the previous one.
    mutating func countClip() -> Int {
        defer { recent = 0 }
        scored += 1
        return recent
    }

    /// Ends the stream and resets the counts.
    ///
    /// - Returns: A notice if clips were dropped, else nil.
    mutating func end(_ request: Request) -> String? {
        defer { self = DroppedClips() }
        guard total > 0 else { return nil }
        return "'\(request.input)': \(total) of \(total + scored) clips were dropped"
    }
}
