internal import Foundation
public import Tensors

/// LPIPS, version 0.1: how different two pictures of equal size look, 0 for equal ones.
///
/// The activations of a net at five depths are divided by their length at each position; their squared differences,
/// weighted by channel, are averaged over positions and added up.
///
/// Source: richzhang/PerceptualSimilarity, `lpips/lpips.py`; Zhang et al., arXiv 1801.03924.
public final class PerceptualDistance: Sendable {
    private let net: ConvolutionalNet
    /// Of each output of the net, the weights of its channels, at least 0.
    private let weights: [[Float]]

    /// Smallest length of activations.
    private static let epsilon: Float = 1e-10
    /// For pixels in 0…1; LPIPS has it for pixels in −1…1.
    private static let normalization = Normalization(
        mean: [-0.030, -0.088, -0.188].map { (1 + $0) / 2 },
        deviation: [0.458, 0.448, 0.450].map { $0 / 2 })

    /// Names and shapes of the tensors of linear layers for a net.
    public static func linearShapes(for architecture: ConvolutionalArchitecture) -> [String: [Int]]
    {
        Dictionary(
            uniqueKeysWithValues: architecture.outputChannels.enumerated().map {
                ("lin\($0).model.1.weight", [1, $1, 1, 1])
            })
    }

    /// - Parameters:
    ///   - architecture: AlexNet or VGG-16.
    ///   - backbone: The net's weights, with torchvision's names.
    ///   - linear: The weights of the channels, as in the package lpips.
    ///   - threadCount: Number of threads, 1…1024.
    /// - Throws: `EncoderError` for missing or misshapen tensors and values that are not finite.
    public init(
        _ architecture: ConvolutionalArchitecture, backbone: WeightFile, linear: WeightFile,
        threadCount: Int
    ) throws(EncoderError) {
        net = try ConvolutionalNet(architecture, weights: backbone, threadCount: threadCount)
        let shapes = Self.linearShapes(for: architecture)
        try linear.check(shapes)
        weights = try shapes.keys.sorted().map { (name) throws(EncoderError) in
            let values = linear.tensors[name]?.floats() ?? []
            guard values.allSatisfy(\.isFinite) else {
                throw .notFinite(file: linear.name, names: [name])
            }
            return values
        }
    }

    /// Architecture and fingerprint of the net, for display.
    public var label: String { "\(net.architecture.rawValue)@\(net.fingerprint.prefix(12))" }

    /// What tells the weights of the channels from others.
    package var linearIdentity: String { "\(weights)" }

    /// The distances of pairs of pictures.
    ///
    /// - Parameter pairs: 8-bit RGB, `[height, width, 3]` each.
    /// - Throws: `EncoderError.invalidClip` for pictures that are too small, `.outOfMemory`.
    public func distances(
        of pairs: [([UInt8], [UInt8])], width: Int, height: Int
    ) throws(EncoderError) -> [Double] {
        var distances: [Double] = []
        for (one, other) in pairs {
            let pictures = [one, other].map {
                PixelClip(bytes: [$0], Self.normalization)
            }
            let outputs = try net.outputs(
                of: pictures, size: Extent(height: height, width: width))
            distances.append(
                weights.indices.reduce(0) { sum, output in
                    sum + difference(outputs[0][output], outputs[1][output], weights[output])
                })
        }
        return distances
    }

    /// The mean over positions of the weighted squared difference, `[positions, channels]` each.
    private func difference(_ one: [Float], _ other: [Float], _ weights: [Float]) -> Double {
        let channels = weights.count
        var sum = 0.0
        one.withUnsafeBufferPointer { one in
            other.withUnsafeBufferPointer { other in
                for first in stride(from: 0, to: one.count, by: channels) {
                    var (a, b): (Float, Float) = (0, 0)
                    for channel in 0..<channels {
                        a += one[first + channel] * one[first + channel]
                        b += other[first + channel] * other[first + channel]
                    }
                    (a, b) = (a.squareRoot() + Self.epsilon, b.squareRoot() + Self.epsilon)
                    var distance: Float = 0
                    for channel in 0..<channels {
                        let difference = one[first + channel] / a - other[first + channel] / b
                        distance += weights[channel] * difference * difference
                    }
                    sum += Double(distance)
                }
            }
        }
        return sum / Double(one.count / channels)
    }
}
