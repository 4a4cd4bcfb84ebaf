public import Media

/// How a data set is written.
public struct ExportOptions: Sendable {
    /// Nil: by reference where the trainer takes any path, else hard links, and symbolic ones to another
    /// disk.
    public var files: FilePlacement?
    /// Whether a data set that is there already is replaced. Any other folder that holds something is
    /// refused all the same.
    public var overwrites: Bool
    /// Fewest frames of a video; nil: what the trainer's loader needs as it is configured by default.
    public var minFrames: Int?
    /// Shortest video; nil: what the trainer's loader needs as it is configured by default.
    public var minSeconds: Double?
    public var media: MediaOptions
    /// Candidates that are regions of a grid are written as files of their own: constant rate factor of
    /// their H.264, 0 (lossless) to 51.
    public var crf: Int
    /// Called as files are looked at, in no order, with how many are done and how many there are.
    public var progress: (@Sendable (_ done: Int, _ of: Int) -> Void)?

    public init(
        files: FilePlacement? = nil, overwrites: Bool = false, minFrames: Int? = nil,
        minSeconds: Double? = nil, media: MediaOptions = .init(), crf: Int = 0,
        progress: (@Sendable (Int, Int) -> Void)? = nil
    ) {
        self.files = files
        self.overwrites = overwrites
        self.minFrames = minFrames
        self.minSeconds = minSeconds
        self.media = media
        self.crf = crf
        self.progress = progress
    }
}
