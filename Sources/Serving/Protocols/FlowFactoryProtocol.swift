import Hummingbird
import Media
import Scoring
import TextFormats

/// The protocol of Flow-Factory's reward servers: images and frames of videos as PNG, without losses.
///
/// Source: X-GenGroup/Flow-Factory 696af07, `src/flow_factory/rewards/my_reward_remote.py`, which sends `prompt`, `image`
/// and `video`; `reward_server/example_server.py`, which reads `prompts`, `images` and `videos`.
struct FlowFactoryProtocol: Sendable {
    let service: ScoringService

    private static let videoKeys = ["video", "videos"]
    private static let imageKeys = ["image", "images"]
    /// Of what is edited, which is not scored.
    private static let conditionKeys = ["condition_images", "condition_videos"]

    func add(to routes: some RouterMethods<BasicRequestContext>) {
        routes.post("compute") { request, _ in
            try await service.answer(request) { call in try await score(&call) }
        }
    }

    /// The logits of all samples, or no number at all: the protocol has no error for one of them.
    private func score(_ call: inout ScoringService.Call) async throws -> Response {
        let body = try await MediaBody(
            &call.body,
            .init(
                keys: Self.videoKeys + Self.imageKeys + Self.conditionKeys, joinsFrames: true,
                frameRate: service.settings.frameRate))
        let rows = try await service.rows(of: Self.media(of: body), for: call)
        let rewards = try service.logits(of: rows, as: "sample")
        return Response(json: ["rewards": .array(rewards.map { .number($0) })])
    }

    private static func media(
        of body: MediaBody
    ) throws(ServingError) -> [Result<Upload, ServingError>] {
        let json = try body.json()
        for key in videoKeys {
            guard let videos = json[key]?.arrayValue else { continue }
            return videos.map { frames in
                Result { () throws(ServingError) in
                    guard let frame = frames.arrayValue?.first else {
                        throw .badRequest(reason: "the video has no frames")
                    }
                    return try body.medium(frame, "a frame")
                }
            }
        }
        for key in imageKeys {
            guard let images = json[key]?.arrayValue else { continue }
            return images.map { image in
                Result { () throws(ServingError) in try body.medium(image, "the image") }
            }
        }
        throw .badRequest(reason: "the body has neither a list of videos nor one of images")
    }
}
