/// What an encoder computes: a transformer by its sizes, or a convolutional net.
public enum EncoderArchitecture: Sendable, Hashable {
    case transformer(VisionTransformerConfiguration)
    case convolutional(ConvolutionalArchitecture)

    /// The sizes of a transformer; nil for a convolutional net.
    public var transformer: VisionTransformerConfiguration? {
        if case .transformer(let configuration) = self { configuration } else { nil }
    }

    /// Frames that the encoder embeds together; 1 for an encoder of images.
    public var frameCount: Int {
        switch self {
        case .transformer(let configuration): configuration.frameCount
        case .convolutional(let net): net.frameCount
        }
    }

    /// Width and height of a prepared frame in pixels; nil for any.
    public var imageSize: Int? {
        switch self {
        case .transformer(let configuration): configuration.imageSize
        case .convolutional(let net): net.imageSize
        }
    }
}

extension EncoderArchitecture: Codable {
    private enum CodingKeys: String, CodingKey {
        case net
    }

    /// Reads the object of a `VisionTransformerConfiguration`, or `{"net": "inception-v3"}`.
    public init(from decoder: any Swift.Decoder) throws {
        let net = try decoder.container(keyedBy: CodingKeys.self)
            .decodeIfPresent(ConvolutionalArchitecture.self, forKey: .net)
        self =
            try net.map { .convolutional($0) }
            ?? .transformer(VisionTransformerConfiguration(from: decoder))
    }

    public func encode(to encoder: any Swift.Encoder) throws {
        switch self {
        case .transformer(let configuration): try configuration.encode(to: encoder)
        case .convolutional(let net):
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(net, forKey: .net)
        }
    }
}
