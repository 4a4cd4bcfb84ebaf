/// How the files of candidates come into a data set.
public enum FilePlacement: String, Sendable, Hashable, CaseIterable {
    /// They stay where they are, and the lists name them by absolute paths.
    case reference
    /// A second name for the same bytes: costs nothing, but both names have to be on one disk.
    case hardlink
    case symlink
    case copy
}
