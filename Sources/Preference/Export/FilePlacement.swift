/// How candidates' files are placed in a data set.
public enum FilePlacement: String, Sendable, Hashable, CaseIterable {
    /// Files are not moved; the lists refer to them by absolute path.
    case reference
    /// A hard link: takes no space, but needs the same file system.
    case hardlink
    case symlink
    case copy
}
