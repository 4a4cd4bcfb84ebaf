import Foundation
import HTTPTypes
import Hummingbird
import Media
import NIOCore
import Scoring
import Tensors

/// The protocol of flow_grpo's reward servers and verl-omni's scorer: pickled dictionaries, which are read without
/// running anything.
///
/// Source: yifan123/flow_grpo ac4c86e, `flow_grpo/rewards.py`; verl-project/verl-omni a1139ba,
/// `verl_omni/utils/reward_score/http_scorer_client.py`.
struct PickleProtocol: Sendable {
    let service: ScoringService

    func add(to routes: some RouterMethods<BasicRequestContext>) {
        routes.post("/") { request, _ in
            do {
                return try await service.answer(request) { call in try await score(&call) }
            } catch let error as ServingError {
                // Its clients read a dictionary whatever the status is.
                var response = Response(error)
                response.body = Self.body(PickledBytes.pickled("error", text: error.description))
                response.headers[.contentType] = Self.type
                return response
            }
        }
    }

    private static let type = "application/octet-stream"

    /// The logits of all images, or no number at all: the protocol has no error for one of them.
    private func score(_ call: inout ScoringService.Call) async throws -> Response {
        let data = Data(try await call.body.rest().readableBytesView)
        let images: [Data]
        do throws(PickledBytes.Problem) {
            images = try PickledBytes.list("images", in: data)
        } catch {
            throw ServingError.badRequest(reason: error.reason)
        }
        let media = images.map { image in
            Result { () throws(ServingError) in
                guard !image.isEmpty else { throw .badRequest(reason: "the image is empty") }
                return try Upload(image)
            }
        }
        let rows = try await service.rows(of: media, for: call)
        let logits = try service.logits(of: rows, as: "images")
        return Response(
            status: .ok, headers: [.contentType: Self.type],
            body: Self.body(
                PickledBytes.pickled([("outputs", logits), ("scores", logits)])))
    }

    private static func body(_ data: Data) -> ResponseBody {
        ResponseBody(byteBuffer: ByteBuffer(bytes: data))
    }
}
