import Foundation
import Frames
import Media

/// A folder that appears whole under its name or not at all: written beside it, then renamed.
struct DatasetFolder {
    /// Where it will stand; absolute.
    let path: String
    /// Where it is written.
    private let work: String

    /// Marks a folder as a data set of ours, which may be replaced. Hidden from loaders that take every
    /// file they find.
    private static let mark = ".ganrm-export"

    /// Why a data set cannot come here.
    static func check(
        _ path: String, overwrites: Bool, candidates: [CandidateFile]
    ) throws(ExportError) {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else { return }
        guard isFolder.boolValue else { throw .notAFolder(path: path) }
        let names = try reporting(path) {
            try FileManager.default.contentsOfDirectory(atPath: path)
        }
        if names.isEmpty { return }
        guard names.contains(mark) else { throw .foreignFolder(path: path) }
        guard overwrites else { throw .exists(path: path) }
        let root = URL(fileURLWithPath: path).resolvingSymlinksInPath().path + "/"
        for file in candidates
        where URL(fileURLWithPath: file.path).resolvingSymlinksInPath().path.hasPrefix(root) {
            throw .holdsCandidates(path: path, input: file.path)
        }
    }

    /// Writes the folder with what `body` puts there; on any error nothing has changed.
    static func write(
        to path: String, mark content: String, _ body: (DatasetFolder) throws(ExportError) -> Void
    ) throws(ExportError) {
        let suffix = String(UInt64.random(in: .min ... .max), radix: 36)
        let folder = DatasetFolder(path: path, work: "\(path).\(suffix).part")
        let files = FileManager.default
        try reporting(path) {
            try files.createDirectory(atPath: folder.work, withIntermediateDirectories: true)
        }
        do throws(ExportError) {
            try body(folder)
            try folder.write(content, to: mark)
            let old = "\(path).\(suffix).old"
            // Replaces an empty folder; one with a data set is moved away first, and back on failure.
            let replaces = rename(folder.work, path) != 0
            if replaces {
                guard rename(path, old) == 0 else {
                    throw .unwritable(path: path, reason: lastReason)
                }
                guard rename(folder.work, path) == 0 else {
                    let reason = lastReason
                    rename(old, path)
                    throw .unwritable(path: path, reason: reason)
                }
                try? files.removeItem(atPath: old)
            }
        } catch {
            try? files.removeItem(atPath: folder.work)
            throw error
        }
    }

    /// Writes a text file.
    func write(_ text: String, to name: String) throws(ExportError) {
        try Self.reporting(path) {
            let url = URL(fileURLWithPath: try place(name))
            try Data(text.utf8).write(to: url)
        }
    }

    /// Where a file of the data set is written, its folder made.
    func place(_ name: String) throws(ExportError) -> String {
        let place = "\(work)/\(name)"
        try Self.reporting(path) {
            try FileManager.default.createDirectory(
                atPath: URL(fileURLWithPath: place).deletingLastPathComponent().path,
                withIntermediateDirectories: true)
        }
        return place
    }

    /// Brings a candidate's file into the data set.
    ///
    /// - Returns: Whether a symbolic link had to stand for a hard one.
    func add(_ clip: ExportPlan.Clip, as name: String, _ options: ExportOptions) throws(ExportError)
        -> Bool
    {
        let place = try place(name)
        let input = clip.file.input
        if clip.file.region != nil {
            do throws(MediaError) {
                try MediaCopy(crf: options.crf, options: options.media)
                    .write(.path(input), to: place)
            } catch {
                if case .interrupted = error { throw .interrupted }
                throw .region(input: input, reason: "\(error)")
            }
            return false
        }
        // A link to a link would break with it.
        let source = URL(fileURLWithPath: clip.file.path).resolvingSymlinksInPath().path
        switch options.files {
        case .copy, .reference:
            do { try FileManager.default.copyItem(atPath: source, toPath: place) } catch {
                throw .unplaceable(
                    input: input, placement: .copy, reason: error.localizedDescription)
            }
        case .symlink:
            guard symlink(source, place) == 0 else {
                throw .unplaceable(input: input, placement: .symlink, reason: Self.lastReason)
            }
        case .hardlink:
            guard link(source, place) == 0 else {
                throw .unplaceable(input: input, placement: .hardlink, reason: Self.lastReason)
            }
        case nil:
            if link(source, place) == 0 { return false }
            guard symlink(source, place) == 0 else {
                throw .unplaceable(input: input, placement: .symlink, reason: Self.lastReason)
            }
            return true
        }
        return false
    }

    private static var lastReason: String { String(cString: strerror(errno)) }

    private static func reporting<Result>(
        _ path: String, _ body: () throws -> Result
    ) throws(ExportError) -> Result {
        do { return try body() } catch let error as ExportError { throw error } catch {
            throw .unwritable(path: path, reason: error.localizedDescription)
        }
    }
}
