import Media
import NIOCore
import SystemPackage
import TextFormats

/// A body of JSON whose media, texts in base64, became uploads while they arrived: memory holds the rest only.
struct MediaBody {
    /// Where the media are.
    struct Layout {
        /// Keys of texts, or of arrays of texts, that are media.
        var keys: [String]
        /// Whether each line is a value of its own.
        var isLines = false
        /// Whether the texts of an array in an array, the frames of one of several videos, become one upload.
        var joinsFrames = false
        /// Of media that state none; see `Upload`.
        var frameRate: String?
    }

    /// The JSON with an index in place of each medium.
    let text: String
    /// By index in the text; nil if a text was no base64. Frames of one video have the same upload.
    private let media: [Upload?]

    /// Most bytes of JSON beside media.
    static let textLimit = 64 << 20

    /// Receives a body.
    ///
    /// - Throws: `ServingError.badRequest` if it is not UTF-8, `.tooLarge`, and the system's errors of `UploadWriter`.
    init(_ body: inout BodyReader, _ layout: Layout) async throws {
        var receiver = Receiver(layout)
        while let piece = try await body.next() {
            try piece.withUnsafeReadableBytes { try receiver.receive($0) }
        }
        media = receiver.finish()
        guard let text = String(validating: receiver.rest, as: UTF8.self) else {
            throw ServingError.badRequest(reason: "the body is not UTF-8")
        }
        self.text = text
    }

    /// The body as a value of JSON.
    ///
    /// - Throws: `ServingError.badRequest` if it is none.
    func json() throws(ServingError) -> JSONValue {
        do throws(JSONValue.ParseError) {
            return try JSONValue(parsing: text)
        } catch {
            throw .badRequest(reason: "the body is not JSON: \(error)")
        }
    }

    /// The medium that a value of the JSON stands for.
    ///
    /// - Parameter name: The value's name in errors.
    /// - Throws: `ServingError.badRequest` if the value is no text, or not base64.
    func medium(_ value: JSONValue?, _ name: String) throws(ServingError) -> Upload {
        guard let text = value?.stringValue else {
            throw .badRequest(reason: "there is no text \(name)")
        }
        guard let index = Int(text), media.indices.contains(index), let upload = media[index] else {
            throw .badRequest(reason: "\(name) is not base64")
        }
        return upload
    }

    /// Turns pieces of a body into uploads.
    private struct Receiver: ~Copyable {
        private let layout: Layout
        private var extractor: JSONTextExtractor
        /// Of the upload that is being received.
        private var writer: UploadWriter?
        private var decoder = Base64Decoder()
        private var decoded: [UInt8] = []
        private var isValid = true
        private var array: Int?
        /// Index into `uploads` by the index of a text.
        private var indices: [Int] = []
        /// Nil are those that were not base64.
        private var uploads: [Upload?] = []

        init(_ layout: Layout) {
            self.layout = layout
            extractor = JSONTextExtractor(keys: layout.keys, isLines: layout.isLines)
        }

        var rest: [UInt8] { extractor.rest }

        mutating func receive(_ bytes: UnsafeRawBufferPointer) throws {
            // Handed over and back, since events are handled by this value.
            var extractor = extractor
            self.extractor = JSONTextExtractor(keys: [])
            try extractor.read(bytes) { event in
                switch event {
                case .began(let array): try begin(array)
                case .bytes(let characters):
                    if isValid { isValid = decoder.decode(characters, into: &decoded) }
                    try write()
                case .ended:
                    if isValid { isValid = decoder.finish(into: &decoded) }
                    try write()
                }
            }
            guard extractor.rest.count <= MediaBody.textLimit else {
                throw ServingError.tooLarge(limit: MediaBody.textLimit)
            }
            self.extractor = extractor
        }

        /// The uploads by the index of a text.
        mutating func finish() -> [Upload?] {
            endUpload()
            return indices.map { uploads[$0] }
        }

        private mutating func begin(_ array: Int?) throws(Errno) {
            decoder = Base64Decoder()
            if !layout.joinsFrames || array == nil || array != self.array {
                endUpload()
                writer = try UploadWriter()
                isValid = true
            }
            self.array = array
            indices.append(uploads.count)
        }

        private mutating func endUpload() {
            guard let writer = writer.take() else { return }
            let isUsable = isValid && writer.byteCount > 0
            let upload = Upload(writer, frameRate: layout.frameRate)
            uploads.append(isUsable ? upload : nil)
        }

        private mutating func write() throws(Errno) {
            guard !decoded.isEmpty else { return }
            try writer?.append(decoded)
            decoded.removeAll(keepingCapacity: true)
        }
    }
}
