import Files
public import Foundation
import Pipeline
import TextFormats

/// The location of a page: a single file, or `index.html` in a folder of its own.
public struct PageLocation: Sendable, Hashable {
    /// The HTML file.
    public let page: URL
    /// Whether the page has a folder of its own.
    public let isFolder: Bool

    /// - Parameter path: A file if it ends in `.html` or `.htm`, else a folder.
    public init(_ path: String) {
        let url = URL(fileURLWithPath: path).standardizedFileURL
        isFolder = !["html", "htm"].contains(url.pathExtension.lowercased())
        page = isFolder ? url.appendingPathComponent("index.html") : url
    }

    /// The Content Security Policy sources of media for pages opened from a disk or a server.
    static let mediaSources = "data: file: 'self'"

    /// The folder to which paths in the page are relative.
    var base: URL { page.deletingLastPathComponent() }

    /// Writes the page atomically and creates its folder.
    ///
    /// - Returns: The page's size in bytes.
    /// - Throws: `PagesError.file`.
    func write(_ page: HTMLPage) throws(PagesError) -> Int {
        try makeFolder(base)
        let bytes = Data(page.text.utf8)
        try AtomicFile.write(bytes, to: self.page.path, failing: PagesError.file)
        return bytes.count
    }

    /// Creates a file in the folder `media`, replacing one of the same name.
    ///
    /// - Parameter body: Writes, copies or links the file to the given URL.
    /// - Returns: The file's URL relative to the page.
    /// - Throws: `PagesError.file`.
    func put(_ name: String, _ body: (URL) throws -> Void) throws(PagesError) -> String {
        let folder = base.appendingPathComponent("media")
        try makeFolder(folder)
        let file = folder.appendingPathComponent(name)
        try AtomicFile.create(file.path, failing: PagesError.file) {
            (temporary) throws(PagesError) in
            do { try body(URL(fileURLWithPath: temporary)) } catch {
                throw .file(FileError(.write, file.path, wrapping: error))
            }
        }
        return "media/\(name)"
    }

    /// The percent-encoded URL of a file relative to the page.
    func url(of path: String) -> String {
        let target = URL(fileURLWithPath: path).standardizedFileURL.pathComponents
        let start = base.standardizedFileURL.pathComponents
        let shared = zip(target, start).prefix { $0.hasSameBytes(as: $1) }.count
        let components = Array(repeating: "..", count: start.count - shared) + target[shared...]
        // A colon in the first component would make it a scheme, so it is escaped too.
        return components.map { Self.escaped($0) }.joined(separator: "/")
    }

    /// A path component, percent-encoded except for unreserved characters.
    private static func escaped(_ component: String) -> String {
        var allowed = CharacterSet(charactersIn: "a"..."z")
        allowed.formUnion(CharacterSet(charactersIn: "A"..."Z"))
        allowed.formUnion(CharacterSet(charactersIn: "0"..."9"))
        allowed.insert(charactersIn: "-._~")
        return component.addingPercentEncoding(withAllowedCharacters: allowed) ?? component
    }

    private func makeFolder(_ folder: URL) throws(PagesError) {
        try FileSystem.makeFolder(folder.path, failing: PagesError.file)
    }
}
