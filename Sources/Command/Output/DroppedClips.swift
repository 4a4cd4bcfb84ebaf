import Pipeline

/// Counts the clips of the current stream that `--realtime` drops, and formats notices about them.
struct DroppedClips {
    private var dropped = 0
    private var scored = 0

    /// Counts dropped clips.
    ///
    /// - Returns: A notice when the first clips are dropped, else nil.
    mutating func add(_ count: Int, of request: Request) -> String? {
        defer { dropped += count }
        guard dropped == 0 else { return nil }
        return """
            '\(request.input)' is faster than the encoder, so clips are dropped; a larger --hop or --stride \
            asks for less
            """
    }

    /// Counts a scored clip.
    mutating func countClip() { scored += 1 }

    /// Ends the stream and resets the counts.
    ///
    /// - Returns: A notice if clips were dropped, else nil.
    mutating func end(_ request: Request) -> String? {
        defer { self = DroppedClips() }
        guard dropped > 0 else { return nil }
        return "'\(request.input)': \(dropped) of \(dropped + scored) clips were dropped"
    }
}
