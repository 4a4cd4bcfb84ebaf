import Media
import NIOCore
import TextFormats

/// A batch of media in KServe's form: files as elements of a tensor of bytes, or frames as one of pixels.
struct KServeRequest {
    let media: [Result<Upload, ServingError>]
    private let json: JSONValue

    static let mediaName = "media"
    static let framesName = "frames"

    /// Most bytes of the JSON in front of binary tensors.
    private static let headerLimit = 1 << 20
    private static let sizeKey = "binary_data_size"

    /// Receives a request.
    ///
    /// - Parameters:
    ///   - header: The length of the JSON in front of binary tensors, if there are any.
    ///   - frameRate: Of frames whose request does not say it in the parameter `fps`.
    /// - Throws: `ServingError.badRequest`, `.tooLarge`, `.noSpace`.
    init(_ body: inout BodyReader, header: String?, frameRate: String?) async throws {
        let given: [Result<Upload, ServingError>]?
        if let header {
            guard let length = Int(header), (2...Self.headerLimit).contains(length) else {
                throw ServingError.badRequest(
                    reason: "Inference-Header-Content-Length is to be from 2 to \(Self.headerLimit)"
                )
            }
            let bytes = try await body.bytes(length)
            json = try Self.json(bytes)
            let rate = try FrameRate.checked(json["parameters"]?["fps"]) ?? frameRate
            var found: [Result<Upload, ServingError>]?
            for input in json["inputs"]?.arrayValue ?? [] {
                let name = input["name"]?.stringValue
                guard let size = input["parameters"]?[Self.sizeKey]?.integerValue, size >= 0 else {
                    if name == Self.mediaName || name == Self.framesName {
                        throw ServingError.badRequest(
                            reason: "\(name ?? "") has no \(Self.sizeKey), and others have")
                    }
                    continue
                }
                switch name {
                case Self.mediaName?:
                    found = try await Self.files(&body, input, size: size)
                case Self.framesName?:
                    found = try await Self.frames(&body, input, size: size, frameRate: rate)
                default:
                    try await body.skip(size)
                }
            }
            guard try await body.next() == nil else {
                throw ServingError.badRequest(reason: "the body is longer than its tensors")
            }
            given = found
        } else {
            let body = try await MediaBody(&body, .init(keys: ["data"], frameRate: frameRate))
            json = try body.json()
            given = try Self.files(in: json, of: body)
        }
        guard let given, !given.isEmpty else {
            throw ServingError.badRequest(
                reason:
                    "there is no input '\(Self.mediaName)' or '\(Self.framesName)' with elements")
        }
        media = given
    }

    /// The number that the client gave the request.
    var id: String? { json["id"]?.stringValue }

    /// The outputs that the client wants, and whether they are to be binary.
    ///
    /// - Throws: `ServingError.badRequest` for one that there is not.
    func outputs() throws(ServingError) -> [(KServeOutput, Bool)] {
        let isBinary = json["parameters"]?["binary_data_output"] == .bool(true)
        guard let wanted = json["outputs"]?.arrayValue, !wanted.isEmpty else {
            return KServeOutput.all.map { ($0, isBinary) }
        }
        var outputs: [(KServeOutput, Bool)] = []
        for output in wanted {
            let name = output["name"]?.stringValue ?? ""
            guard let known = KServeOutput.all.first(where: { $0.name == name }) else {
                throw .badRequest(reason: "there is no output '\(name)'")
            }
            let choice = output["parameters"]?["binary_data"]
            outputs.append((known, choice.map { $0 == .bool(true) } ?? isBinary))
        }
        return outputs
    }

    private static func json(_ bytes: ByteBuffer) throws -> JSONValue {
        do {
            return try bytes.withUnsafeReadableBytes { try JSONValue(parsing: $0) }
        } catch {
            throw ServingError.badRequest(reason: "the header is not JSON: \(error)")
        }
    }

    /// The files of an input whose elements are texts in base64.
    private static func files(
        in json: JSONValue, of body: MediaBody
    ) throws(ServingError) -> [Result<Upload, ServingError>]? {
        for input in json["inputs"]?.arrayValue ?? [] where input["name"] == .string(mediaName) {
            let elements = input["data"]?.arrayValue ?? []
            try check(input, "BYTES", shape: [elements.count])
            return elements.map { element in
                Result { () throws(ServingError) in try body.medium(element, mediaName) }
            }
        }
        return nil
    }

    /// The files of a binary input: each has its length, four bytes, in front.
    private static func files(
        _ body: inout BodyReader, _ input: JSONValue, size: Int
    ) async throws -> [Result<Upload, ServingError>] {
        var media: [Result<Upload, ServingError>] = []
        var left = size
        while left > 0 {
            var head = try await body.bytes(min(4, left))
            guard let length = head.readInteger(endianness: .little, as: UInt32.self),
                Int(length) <= left - 4
            else {
                throw ServingError.badRequest(reason: "the elements of \(mediaName) do not fit")
            }
            left -= 4 + Int(length)
            media.append(.success(try await body.upload(Int(length))))
        }
        try check(input, "BYTES", shape: [media.count])
        return media
    }

    /// Videos `[N, T, H, W, 3]`, or images `[N, H, W, 3]`, as images that follow each other.
    private static func frames(
        _ body: inout BodyReader, _ input: JSONValue, size: Int, frameRate: String?
    ) async throws -> [Result<Upload, ServingError>] {
        var shape = input["shape"]?.arrayValue?.map { $0.integerValue ?? 0 } ?? []
        let isExpected = (4...5).contains(shape.count) && shape.last == 3
        let sides = 1...1 << 16
        guard isExpected, shape.allSatisfy(sides.contains) else {
            throw ServingError.badRequest(
                reason: "\(framesName) are [N, T, H, W, 3], or [N, H, W, 3] for images")
        }
        try check(input, "UINT8", shape: shape)
        if shape.count == 4 { shape.insert(1, at: 1) }
        let frameSize = shape[2] * shape[3] * 3
        let (bytes, overflows) = frameSize.multipliedReportingOverflow(by: shape[0] * shape[1])
        guard !overflows, bytes == size else {
            throw ServingError.badRequest(reason: "\(framesName) have other bytes than their shape")
        }
        let header = Array("P6\n\(shape[3]) \(shape[2])\n255\n".utf8)
        var media: [Result<Upload, ServingError>] = []
        for _ in 0..<shape[0] {
            var writer = try UploadWriter()
            for _ in 0..<shape[1] {
                try writer.append(header)
                try await body.append(frameSize, to: &writer)
            }
            media.append(.success(Upload(writer, frameRate: frameRate)))
        }
        return media
    }

    private static func check(
        _ input: JSONValue, _ type: String, shape: [Int]
    ) throws(ServingError) {
        let name = input["name"]?.stringValue ?? ""
        guard input["datatype"] == .string(type) else {
            throw .badRequest(reason: "'\(name)' is to be of the type \(type)")
        }
        let given = (input["shape"]?.arrayValue ?? []).map { $0.integerValue ?? -1 }
        guard given == shape || given == shape + [1] else {
            throw .badRequest(
                reason: "the shape of '\(name)' is \(given), and it has \(shape) elements")
        }
    }
}
