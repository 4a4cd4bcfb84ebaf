import CFFmpeg

extension MediaError {
    /// Converts a libav error code from opening or reading an input.
    ///
    /// - Parameters:
    ///   - bytes: The byte stream of the input; nil for image sequences.
    ///   - framesRead: Frames decoded before the error.
    ///   - log: The decoder's error message, if there is one.
    static func reading(
        _ code: Int32, input: String, options: MediaOptions, watchdog: InterruptHandler,
        bytes: ByteStream?, framesRead: Int = 0, log: String? = nil
    ) -> MediaError {
        if code == ganrm_error_exit {
            if let seconds = watchdog.timedOutAfter, !MediaInterruption.isRequested {
                return .timedOut(input: input, seconds: seconds)
            }
            return .interrupted(input: input)
        }
        if code == ganrm_error_memory { return .outOfMemory(input: input) }
        let reason = log ?? LibavLog.firstError() ?? libavMessage(code)
        let cannotSeek = bytes.map { $0.context.pointee.seekable == 0 } ?? false
        if reason == "moov atom not found"
            || (framesRead == 0 && cannotSeek && reason.hasSuffix(": partial file"))
        {
            return cannotSeek ? .indexAtEnd(input: input) : .indexMissing(input: input)
        }
        if let size = refusedSize(in: reason) {
            return .tooManyPixels(
                input: input, width: size.width, height: size.height, limit: options.pixelLimit)
        }
        if [reason, libavMessage(code)].contains(where: saysUnsupported) {
            // Some of the messages are sentences.
            return .undecodable(
                input: input, reason: reason.hasSuffix(".") ? String(reason.dropLast()) : reason)
        }
        return .damaged(input: input, framesRead: framesRead, reason: reason)
    }

    /// Whether libav's message is about a form of the format that it does not support, rather than
    /// about damage.
    private static func saysUnsupported(_ message: String) -> Bool {
        let message = message.lowercased()
        return ["unsupported", "not supported", "not yet implemented", "not implemented"]
            .contains { message.contains($0) } || message.hasPrefix("unknown compression")
            || message.hasPrefix("unknown bitfields")
            || message.hasPrefix("unknown pixel format")
    }

    /// Parses the size in libav's message `Picture size 99999x99999 is invalid`, or `… exceeds
    /// specified max pixel count`: the only report of a frame above `max_pixels`.
    private static func refusedSize(in message: String) -> (width: Int, height: Int)? {
        let words = message.split(separator: " ")
        guard words.count > 3, words[0] == "Picture", words[1] == "size",
            words[3] == "is" || words[3] == "exceeds"
        else { return nil }
        let sides = words[2].split(separator: "x").compactMap { Int($0) }
        guard sides.count == 2, sides[0] > 0, sides[1] > 0 else { return nil }
        return (sides[0], sides[1])
    }
}
