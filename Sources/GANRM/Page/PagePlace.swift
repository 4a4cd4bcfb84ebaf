public import Foundation

/// Where a page is written: one file, or `index.html` in a folder of its own.
public struct PagePlace: Sendable, Hashable {
    /// The page itself.
    public let page: URL
    /// Whether it has a folder of its own.
    public let isFolder: Bool

    /// - Parameter path: One that ends in `.html` or `.htm` is a file, any other a folder.
    public init(_ path: String) {
        let url = URL(fileURLWithPath: path).standardizedFileURL
        isFolder = !["html", "htm"].contains(url.pathExtension.lowercased())
        page = isFolder ? url.appendingPathComponent("index.html") : url
    }

    /// What a page of a disk or of a server may show.
    static let mediaSources = "data: file: 'self'"

    /// The folder that paths in the page are relative to.
    var base: URL { page.deletingLastPathComponent() }

    /// Writes the page, whole or not at all, and the folder if it has one.
    ///
    /// - Returns: Its size in bytes.
    /// - Throws: `GANRMError.unwritable`.
    func write(_ page: HTMLPage) throws(GANRMError) -> Int {
        try makeFolder(base)
        let bytes = Data(page.text.utf8)
        do {
            try bytes.write(to: self.page, options: .atomic)
        } catch {
            throw .unwritable(path: self.page.path, reason: error.localizedDescription)
        }
        return bytes.count
    }

    /// Puts a file into the folder media, in place of what has its name there.
    ///
    /// - Returns: Its address in the page.
    /// - Throws: `GANRMError.unwritable`.
    func put(_ name: String, _ body: (URL) throws -> Void) throws(GANRMError) -> String {
        let folder = base.appendingPathComponent("media")
        try makeFolder(folder)
        let file = folder.appendingPathComponent(name)
        do {
            // It may be a link to somebody's file, which must not be written through.
            unlink(file.path)
            try body(file)
        } catch {
            throw .unwritable(path: file.path, reason: error.localizedDescription)
        }
        return "media/\(name)"
    }

    /// The relative address of a file.
    func address(of path: String) -> String {
        let target = URL(fileURLWithPath: path).standardizedFileURL.pathComponents
        let start = base.standardizedFileURL.pathComponents
        let shared = zip(target, start).prefix { $0 == $1 }.count
        let steps = Array(repeating: "..", count: start.count - shared) + target[shared...]
        // A first step with a colon would be a scheme.
        return steps.map { Self.escaped($0) }.joined(separator: "/")
    }

    /// A part of a path as it may stand in an address.
    private static func escaped(_ step: String) -> String {
        var allowed = CharacterSet(charactersIn: "a"..."z")
        allowed.formUnion(CharacterSet(charactersIn: "A"..."Z"))
        allowed.formUnion(CharacterSet(charactersIn: "0"..."9"))
        allowed.insert(charactersIn: "-._~")
        return step.addingPercentEncoding(withAllowedCharacters: allowed) ?? step
    }

    private func makeFolder(_ folder: URL) throws(GANRMError) {
        do {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        } catch {
            throw .unwritable(path: folder.path, reason: error.localizedDescription)
        }
    }
}
