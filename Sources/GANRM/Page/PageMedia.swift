/// How a page comes by its pictures and videos.
public enum PageMedia: String, Sendable, Hashable, CaseIterable {
    /// By the path from the page to the file.
    case reference
    /// Under a number in the folder media beside the page: a link, a second name or a copy.
    case symlink, hardlink, copy
    /// As a small silent copy.
    case thumbnail
    /// As it is, inside the page.
    case embed

    /// Whether the page needs a folder of its own.
    public var needsFolder: Bool { [.symlink, .hardlink, .copy].contains(self) }
}
