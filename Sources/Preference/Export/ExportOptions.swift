public import Media

/// How a data set is written.
public struct ExportOptions: Sendable {
    /// Writes the part of a picture that a candidate stands for (`grid.mp4#xywh=2,2,512,320`) to a path
    /// that ends in `.mp4` for a video, in `.png` for an image.
    public typealias CellWriter = @Sendable (Candidate, _ path: String) throws -> Void

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
    /// Nil: candidates that are parts of pictures are left out.
    public var writeCell: CellWriter?
    /// Called as files are looked at, in no order, with how many are done and how many there are.
    public var progress: (@Sendable (_ done: Int, _ of: Int) -> Void)?

    public init(
        files: FilePlacement? = nil, overwrites: Bool = false, minFrames: Int? = nil,
        minSeconds: Double? = nil, media: MediaOptions = .init(), writeCell: CellWriter? = nil,
        progress: (@Sendable (Int, Int) -> Void)? = nil
    ) {
        self.files = files
        self.overwrites = overwrites
        self.minFrames = minFrames
        self.minSeconds = minSeconds
        self.media = media
        self.writeCell = writeCell
        self.progress = progress
    }
}
