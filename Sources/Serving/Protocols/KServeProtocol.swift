import HTTPTypes
import Hummingbird
import NIOCore
import Scoring
import TextFormats

/// KServe's Open Inference Protocol, version 2, over HTTP, with its extension for binary tensors.
///
/// Source: kserve/open-inference-protocol, `specification/protocol/inference_rest.md`; triton-inference-server/server
/// e1db8a6, `docs/protocol/extension_binary_data.md`.
struct KServeProtocol: Sendable {
    let service: ScoringService

    private static let model = "ganrm"
    private static let headerLength = HTTPField.Name.name("Inference-Header-Content-Length")

    func add(to routes: some RouterMethods<BasicRequestContext>) {
        routes.get("v2") { _, _ in
            Response(json: [
                "name": .string(Self.model), "version": .string(service.engine.version),
                "extensions": ["binary_tensor_data"],
            ])
        }
        for path in ["v2/health/live", "v2/health/ready", "v2/models/\(Self.model)/ready"] {
            routes.get(RouterPath(path)) { _, _ in
                service.engine.queue.isShutDown && !path.hasSuffix("live")
                    ? Response(ServingError.draining) : Response(json: [:])
            }
        }
        routes.get("v2/models/\(Self.model)") { _, _ in Response(json: metadata) }
        routes.post("v2/models/\(Self.model)/infer") { request, _ in
            let header = request.headers[Self.headerLength]
            return try await service.answer(request) { call in
                try await infer(&call, header: header)
            }
        }
    }

    private var metadata: JSONValue {
        func tensor(_ name: String, _ type: String, _ shape: [Int]) -> JSONValue {
            [
                "name": .string(name), "datatype": .string(type),
                "shape": .array(shape.map { .integer($0) }),
            ]
        }
        return [
            "name": .string(Self.model), "versions": [.string(service.engine.fingerprint)],
            "platform": "ganrm",
            "inputs": [
                tensor(KServeRequest.mediaName, "BYTES", [-1]),
                tensor(KServeRequest.framesName, "UINT8", [-1, -1, -1, -1, 3]),
            ],
            "outputs": .array(KServeOutput.all.map { tensor($0.name, $0.type, [-1]) }),
        ]
    }

    /// Scores a batch; one sample without a score fails it, since the protocol has no error for one of them.
    private func infer(
        _ call: inout ScoringService.Call, header: String?
    ) async throws -> Response {
        let request = try await KServeRequest(
            &call.body, header: header, frameRate: service.settings.frameRate)
        let outputs = try request.outputs()
        let rows = try await service.rows(of: request.media, for: call)
        _ = try service.logits(of: rows, as: "sample")
        var binary = ByteBuffer()
        let tensors = outputs.map { output, isBinary -> JSONValue in
            var members: [JSONValue.Member] = [
                .init("name", .string(output.name)), .init("datatype", .string(output.type)),
                .init("shape", [.integer(rows.count)]),
            ]
            if isBinary {
                let begin = binary.writerIndex
                for row in rows { output.write(row, &binary) }
                members.append(
                    .init(
                        "parameters",
                        ["binary_data_size": .integer(binary.writerIndex - begin)]))
            } else {
                members.append(.init("data", .array(rows.map(output.json))))
            }
            return .object(members)
        }
        var answer: [JSONValue.Member] = [
            .init("model_name", .string(Self.model)),
            .init("model_version", .string(rows.first?.model?.fingerprint ?? "")),
        ]
        if let id = request.id { answer.append(.init("id", .string(id))) }
        answer.append(.init("outputs", .array(tensors)))
        guard binary.readableBytes > 0 else { return Response(json: .object(answer)) }
        var body = ByteBuffer(string: "\(JSONValue.object(answer))")
        let length = body.readableBytes
        body.writeBuffer(&binary)
        var response = Response(
            status: .ok, headers: [.contentType: "application/octet-stream"],
            body: ResponseBody(byteBuffer: body))
        response.headers[Self.headerLength] = String(length)
        return response
    }
}

/// A value of a row as a tensor.
struct KServeOutput: Sendable {
    let name: String
    /// The protocol's name of the element's type.
    let type: String
    let json: @Sendable (ScoreRow) -> JSONValue
    /// Appends an element, least significant byte first.
    let write: @Sendable (ScoreRow, inout ByteBuffer) -> Void

    static let all = [
        number("logit", \.logit), number("score", \.score),
        KServeOutput(name: "degenerate", type: "BOOL", json: { .bool($0.isDegenerate) }) {
            $1.writeInteger($0.isDegenerate ? 1 : 0, as: UInt8.self)
        },
    ]

    private static func number(
        _ name: String, _ value: @escaping @Sendable (ScoreRow) -> Double?
    ) -> KServeOutput {
        KServeOutput(name: name, type: "FP64", json: { JSONValue(value($0)) }) {
            $1.writeInteger((value($0) ?? .nan).bitPattern, endianness: .little)
        }
    }
}
