import Files
import Foundation
import Media
import TextFormats

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
        guard let type = try FileSystem.type(of: path, failing: ExportError.file) else { return }
        guard type == .folder else { throw .notAFolder(path: path) }
        let names = try FileSystem.names(inFolder: path, failing: ExportError.file)
        if names.isEmpty { return }
        guard names.contains(markerName) else { throw .foreignFolder(path: path) }
        guard overwrites else { throw .exists(path: path) }
        let root = URL(fileURLWithPath: path).resolvingSymlinksInPath().path + "/"
        for file in candidates
        where URL(fileURLWithPath: TarMember.file(of: file.input)).resolvingSymlinksInPath().path
            .hasBytePrefix(root)
        {
            throw .holdsCandidates(path: path, input: file.path)
        }
    }

    /// Writes a data set with the files that `body` adds; on any error nothing has changed.
    static func write(
        to path: String, mark content: String, _ body: (DatasetFolder) throws(ExportError) -> Void
    ) throws(ExportError) {
        try AtomicFolder.create(path, failing: ExportError.file) {
            (temporary) throws(ExportError) in
            let folder = DatasetFolder(path: path, temporaryFolder: temporary)
            try body(folder)
            try folder.write(content, to: markerName)
        }
    }

    /// Writes a text file.
    func write(_ text: String, to name: String) throws(ExportError) {
        let url = URL(fileURLWithPath: try preparePath(name))
        do { try Data(text.utf8).write(to: url) } catch {
            throw .file(FileError(.write, path, wrapping: error))
        }
    }

    /// Returns the path at which to write a file of the data set, and creates its folder.
    func preparePath(_ name: String) throws(ExportError) -> String {
        let destination = "\(temporaryFolder)/\(name)"
        try FileSystem.makeFolder(
            PathName.folder(of: destination)
        ) { ExportError.file(FileError(.write, path, $0.cause)) }
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
        if let member = clip.file.member {
            do throws(FileError) { try member.copy(to: destination) } catch {
                throw .unplaceable(input: input, placement: .copy, reason: error.reason)
            }
            return false
        }
        // Resolved, since a link to a symbolic link would break with it.
        let source = URL(fileURLWithPath: clip.file.path).resolvingSymlinksInPath().path
        func failure(_ placement: FilePlacement) -> ExportError {
            .unplaceable(
                input: input, placement: placement, reason: FileError.last(.write, input).reason)
        }
        switch options.files {
        case .copy, .reference:
            do { try FileManager.default.copyItem(atPath: source, toPath: destination) } catch {
                let failure = FileError(.write, input, wrapping: error)
                throw .unplaceable(input: input, placement: .copy, reason: failure.reason)
            }
        case .symlink:
            guard symlink(source, destination) == 0 else { throw failure(.symlink) }
        case .hardlink:
            guard link(source, destination) == 0 else { throw failure(.hardlink) }
        case nil:
            if link(source, destination) == 0 { return false }
            guard symlink(source, destination) == 0 else { throw failure(.symlink) }
            return true
        }
        return false
    }
}
