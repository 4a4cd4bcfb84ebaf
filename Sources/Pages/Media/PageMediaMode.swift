/// The way in which a page includes images and videos.
public enum PageMediaMode: String, Sendable, Hashable, CaseIterable {
    /// Refers to the file by its path relative to the page.
    case reference
    /// Links or copies the file to the folder `media` beside the page, named by a serial number.
    case symlink, hardlink, copy
    /// Replaces the file by a small silent thumbnail.
    case thumbnail
    /// Embeds the unchanged file in the page.
    case embed

    /// Whether the page needs a folder of its own.
    public var needsFolder: Bool { [.symlink, .hardlink, .copy].contains(self) }
}
