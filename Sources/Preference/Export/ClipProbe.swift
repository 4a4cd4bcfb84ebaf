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
        var paths: [String] = []
        var seen: Set<String> = []
        for file in files where seen.insert(file.path).inserted { paths.append(file.path) }
        let found = Mutex<[String: Result<ClipFacts, Refusal>]>([:])
        DispatchQueue.concurrentPerform(iterations: paths.count) { [paths] index in
            let result = read(paths[index], options.media)
            let done = found.withLock {
                $0[paths[index]] = result
                return $0.count
            }
            options.progress?(done, paths.count)
        }
        if MediaInterruption.isRequested { throw .interrupted }
        let byPath = found.withLock { $0 }
        var facts: [CandidateFile: Result<ClipFacts, Refusal>] = [:]
        for file in files {
            facts[file] = byPath[file.path]?.map { whole in
                file.cell.map { whole.cell(width: $0.width, height: $0.height) } ?? whole
            }
        }
        return facts
    }

    private static func read(_ path: String, _ options: MediaOptions) -> Result<ClipFacts, Refusal>
    {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder),
            !isFolder.boolValue
        else {
            return .failure(
                Refusal("'\(path)' is no file on this machine, which a trainer could open"))
        }
        do {
            // Files are decoded side by side.
            var options = options
            options.threadCount = 1
            return .success(try ClipFacts(decoding: path, options: options))
        } catch {
            return .failure(Refusal("\(error)"))
        }
    }
}
