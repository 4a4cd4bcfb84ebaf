import Media
import NIOCore
import SystemPackage
import TextFormats

/// Receives a body of several parts: each is a medium.
enum MultipartBody {
    /// A part: the name of its field, that of its file, and the medium.
    struct Part {
        var field: String?
        var fileName: String?
        var upload: Upload
    }

    /// Whether a content type is that of such a body.
    static func isType(_ type: String) -> Bool { type.lowercased().hasPrefix("multipart/") }

    /// - Parameters:
    ///   - type: The content type, with its boundary.
    ///   - frameRate: Of media that state none; see `Upload`.
    /// - Throws: `ServingError.badRequest` if the body does not consist of complete parts, `.tooLarge`, and the system's errors of `UploadWriter`.
    static func parts(
        of body: inout BodyReader, type: String, frameRate: String?
    ) async throws -> [Part] {
        func failure(_ problem: MultipartParser.Problem) -> ServingError {
            .badRequest(reason: problem.reason)
        }
        var parser: MultipartParser
        do throws(MultipartParser.Problem) {
            parser = try MultipartParser(contentType: type)
        } catch {
            throw failure(error)
        }
        var receiver = Receiver(frameRate: frameRate)
        while let piece = try await body.next() {
            try piece.withUnsafeReadableBytes { bytes in
                try parser.read(bytes, failing: { failure($0) as any Error }) { event in
                    try receiver.receive(event)
                }
            }
        }
        guard parser.isComplete else {
            throw ServingError.badRequest(reason: "the body ends within a part")
        }
        return receiver.parts
    }

    private struct Receiver: ~Copyable {
        let frameRate: String?
        var parts: [Part] = []
        private var header: MultipartParser.Part?
        private var writer: UploadWriter?

        init(frameRate: String?) { self.frameRate = frameRate }

        mutating func receive(_ event: MultipartParser.Event) throws(Errno) {
            switch event {
            case .began(let part):
                header = part
                writer = try UploadWriter()
            case .bytes(let bytes):
                try writer?.append(bytes)
            case .ended:
                guard let writer = writer.take() else { return }
                parts.append(
                    Part(
                        field: header?.name, fileName: header?.fileName,
                        upload: Upload(writer, frameRate: frameRate)))
            }
        }
    }
}
