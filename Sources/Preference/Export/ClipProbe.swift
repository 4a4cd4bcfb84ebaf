import Dispatch
import Files
import Media
import OrderedCollections
import Synchronization

/// Reads the metadata of files, each once, in parallel.
enum ClipProbe {
    /// The metadata of each file, or the reason why it cannot be read.
    static func facts(
        of files: [CandidateFile], _ options: ExportOptions
    ) throws(ExportError) -> [CandidateFile: Result<ClipMetadata, OmissionReason>] {
        let files = OrderedSet(files)
        let facts = Mutex<[CandidateFile: Result<ClipMetadata, OmissionReason>]>([:])
        DispatchQueue.concurrentPerform(iterations: files.count) { index in
            let result = read(files[index], options.media)
            let done = facts.withLock {
                $0[files[index]] = result
                return $0.count
            }
            options.progress?(done, files.count)
        }
        if MediaInterruption.isRequested { throw .interrupted }
        return facts.withLock { $0 }
    }

    private static func read(
        _ file: CandidateFile, _ options: MediaOptions
    ) -> Result<ClipMetadata, OmissionReason> {
        do {
            if file.member == nil {
                let type = try FileSystem.type(of: file.path, failing: { $0 })
                guard let type, type != .folder else {
                    return .failure(
                        OmissionReason(
                            "'\(file.path)' is no file on this machine, which a trainer could open")
                    )
                }
            }
            // Files are already decoded in parallel.
            var options = options
            options.threadCount = 1
            return .success(try ClipMetadata(decoding: file.input, options: options))
        } catch {
            return .failure(OmissionReason("\(error)"))
        }
    }
}
