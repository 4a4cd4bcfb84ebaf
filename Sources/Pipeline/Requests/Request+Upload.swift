import Files
import Media
import SystemPackage

extension LineReader<PipelineError> {
    /// Most bytes of an input that follow a line.
    private static var uploadLimit: Int { 2 << 30 }

    /// Reads the bytes that follow the line of a request, all of them even if they cannot be kept, so that
    /// the next line is found.
    ///
    /// - Throws: `PipelineError.file` if standard input cannot be read.
    func receive(_ count: Int, for request: inout Request) throws(PipelineError) {
        guard count <= Self.uploadLimit else {
            request.failure = "'\(request.input)' has more than \(Self.uploadLimit >> 30) GiB"
            _ = try read(count) { _ in }
            return
        }
        var problem: Errno? =
            Memory.isAvailable(min(count, UploadWriter.memoryLimit)) ? nil : .noMemory
        var writer: UploadWriter
        do throws(Errno) {
            writer = try UploadWriter()
        } catch {
            request.failure = "'\(request.input)' cannot be kept: \(error)"
            _ = try read(count) { _ in }
            return
        }
        let received = try read(count) { bytes in
            guard problem == nil else { return }
            do throws(Errno) {
                try writer.append(bytes)
            } catch {
                problem = error
            }
        }
        if received < count {
            request.failure =
                "'\(request.input)' is cut off: standard input ended after \(received) of \(count) bytes"
        } else if let problem {
            request.failure = "'\(request.input)' cannot be kept: \(problem)"
        } else {
            request.failure = nil
            request.upload = Upload(writer)
        }
    }
}
