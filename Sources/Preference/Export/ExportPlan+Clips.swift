/// Summaries of a plan's clips, from which settings for a trainer follow. A data set is written only if
/// there is at least one clip.
extension ExportPlan {
    /// The least value of all clips.
    func minimum(_ value: (Clip) -> Int) -> Int {
        guard let minimum = clips.map(value).min() else {
            preconditionFailure("a data set has at least one clip")
        }
        return minimum
    }

    /// The most common frame size, rounded down to multiples of 16 pixels, at least 16.
    var mostCommonSize: (width: Int, height: Int) {
        var counts: [[Int]: Int] = [:]
        for clip in clips { counts[[clip.facts.width, clip.facts.height], default: 0] += 1 }
        guard
            let size = counts.max(by: {
                ($0.value, $0.key[0], $0.key[1]) < ($1.value, $1.key[0], $1.key[1])
            })?.key
        else { preconditionFailure("a data set has at least one clip") }
        return (max(16, size[0] / 16 * 16), max(16, size[1] / 16 * 16))
    }
}
