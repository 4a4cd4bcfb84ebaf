import Dispatch
import Foundation
import Media
import Synchronization

/// Looks at each file once, several at a time.
enum ClipProbe {
    /// What is known of each file, or why nothing is.
    static func facts(
        of files: [CandidateFile], _ options: ExportOptions
    ) throws(ExportError) -> [CandidateFile: Result<ClipFacts, Refusal>] {
        var seen: Set<CandidateFile> = []
        let files = files.filter { seen.insert($0).inserted }
        let facts = Mutex<[CandidateFile: Result<ClipFacts, Refusal>]>([:])
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
    ) -> Result<ClipFacts, Refusal> {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: file.path, isDirectory: &isFolder),
            !isFolder.boolValue
        else {
            return .failure(
                Refusal("'\(file.path)' is no file on this machine, which a trainer could open"))
        }
        do {
            // Files are decoded side by side.
            var options = options
            options.threadCount = 1
            return .success(try ClipFacts(decoding: file.input, options: options))
        } catch {
            return .failure(Refusal("\(error)"))
        }
    }
}
