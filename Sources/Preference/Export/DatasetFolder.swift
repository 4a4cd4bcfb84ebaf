import Foundation
import Media

/// A data set folder that is written atomically: to a temporary folder, which is then renamed.
struct DatasetFolder {
    /// Absolute path of the finished folder.
    let path: String
    /// Path of the temporary folder.
    private let temporaryFolder: String

    /// Name of a file that marks a folder as an exported data set, which may be replaced. Hidden, since
    /// some loaders read every file that they find.
    private static let markerName = ".ganrm-export"

    /// Checks that a data set can be written to `path`.
    static func check(
        _ path: String, overwrites: Bool, candidates: [CandidateFile]
    ) throws(ExportError) {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else { return }
        guard isFolder.boolValue else { throw .notAFolder(path: path) }
        let names = try wrappingErrors(path) {
            try FileManager.default.contentsOfDirectory(atPath: path)
        }
        if names.isEmpty { return }
        guard names.contains(markerName) else { throw .foreignFolder(path: path) }
        guard overwrites else { throw .exists(path: path) }
        let root = URL(fileURLWithPath: path).resolvingSymlinksInPath().path + "/"
        for file in candidates
        where URL(fileURLWithPath: file.path).resolvingSymlinksInPath().path.hasPrefix(root) {
            throw .holdsCandidates(path: path, input: file.path)
        }
    }

    /// Writes a data set with the files that `body` adds; on any error nothing has changed.
    static func write(
        to path: String, mark content: String, _ body: (DatasetFolder) throws(ExportError) -> Void
    ) throws(ExportError) {
        let suffix = String(UInt64.random(in: .min ... .max), radix: 36)
        let folder = DatasetFolder(path: path, temporaryFolder: "\(path).\(suffix).part")
        let files = FileManager.default
        try wrappingErrors(path) {
            try files.createDirectory(
                atPath: folder.temporaryFolder, withIntermediateDirectories: true)
        }
        do throws(ExportError) {
            try body(folder)
            try folder.write(content, to: markerName)
            let old = "\(path).\(suffix).old"
            // `rename` replaces an empty folder. A data set is moved away first, and back on failure.
            let replaces = rename(folder.temporaryFolder, path) != 0
            if replaces {
                guard rename(path, old) == 0 else {
                    throw .unwritable(path: path, reason: errnoMessage)
                }
                guard rename(folder.temporaryFolder, path) == 0 else {
                    let reason = errnoMessage
                    rename(old, path)
                    throw .unwritable(path: path, reason: reason)
                }
                try? files.removeItem(atPath: old)
            }
        } catch {
            try? files.removeItem(atPath: folder.temporaryFolder)
            throw error
        }
    }

    /// Writes a text file.
    func write(_ text: String, to name: String) throws(ExportError) {
        try Self.wrappingErrors(path) {
            let url = URL(fileURLWithPath: try preparePath(name))
            try Data(text.utf8).write(to: url)
        }
    }

    /// Returns the path at which to write a file of the data set, and creates its folder.
    func preparePath(_ name: String) throws(ExportError) -> String {
        let destination = "\(temporaryFolder)/\(name)"
        try Self.wrappingErrors(path) {
            try FileManager.default.createDirectory(
                atPath: URL(fileURLWithPath: destination).deletingLastPathComponent().path,
                withIntermediateDirectories: true)
        }
        return destination
    }

    /// Adds a candidate's file to the data set.
    ///
    /// - Returns: Whether a symbolic link was made because a hard link failed.
    func add(_ clip: ExportPlan.Clip, as name: String, _ options: ExportOptions) throws(ExportError)
        -> Bool
    {
        let destination = try preparePath(name)
        let input = clip.file.input
        if clip.file.region != nil {
            do throws(MediaError) {
                try MediaCopy(crf: options.crf, options: options.media)
                    .write(.path(input), to: destination)
            } catch {
                if case .interrupted = error { throw .interrupted }
                throw .region(input: input, reason: "\(error)")
            }
            return false
        }
        // Resolved, since a link to a symbolic link would break with it.
        let source = URL(fileURLWithPath: clip.file.path).resolvingSymlinksInPath().path
        switch options.files {
        case .copy, .reference:
            do { try FileManager.default.copyItem(atPath: source, toPath: destination) } catch {
                throw .unplaceable(
                    input: input, placement: .copy, reason: error.localizedDescription)
            }
        case .symlink:
            guard symlink(source, destination) == 0 else {
                throw .unplaceable(input: input, placement: .symlink, reason: Self.errnoMessage)
            }
        case .hardlink:
            guard link(source, destination) == 0 else {
                throw .unplaceable(input: input, placement: .hardlink, reason: Self.errnoMessage)
            }
        case nil:
            if link(source, destination) == 0 { return false }
            guard symlink(source, destination) == 0 else {
                throw .unplaceable(input: input, placement: .symlink, reason: Self.errnoMessage)
            }
            return true
        }
        return false
    }

    private static var errnoMessage: String { String(cString: strerror(errno)) }

    private static func wrappingErrors<Result>(
        _ path: String, _ body: () throws -> Result
    ) throws(ExportError) -> Result {
        do { return try body() } catch let error as ExportError { throw error } catch {
            throw .unwritable(path: path, reason: error.localizedDescription)
        }
    }
}
