public import Media

/// Options for writing a data set.
public struct ExportOptions: Sendable {
    /// How files are placed. Nil selects references if the trainer accepts any path, else hard links,
    /// or symbolic links to another file system.
    public var files: FilePlacement?
    /// Whether an existing data set is replaced. Any other non-empty folder is always refused.
    public var overwrites: Bool
    /// Minimum frames of a video. Nil selects the minimum of the trainer's loader by default.
    public var minFrames: Int?
    /// Minimum duration of a video. Nil selects the minimum of the trainer's loader by default.
    public var minSeconds: Double?
    public var media: MediaOptions
    /// H.264 constant rate factor, 0 (lossless) to 51, for regions of a grid, which are written as
    /// separate files.
    public var crf: Int
    /// Called, from any thread, after each file is checked, with the count so far and the total.
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
