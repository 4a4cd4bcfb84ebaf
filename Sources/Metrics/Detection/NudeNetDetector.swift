package import Frames
import Files
import Tensors

/// NudeNet's detector of bodies, `320n.onnx` of the Python package `nudenet`, which is not part of this one: its licence is
/// AGPL-3.0. The file is the user's own.
///
/// Source: the wheel nudenet 3.4.2, `nudenet/nudenet.py`, `_read_image` and `_postprocess`. The repository's later
/// preprocessing is another one.
package final class NudeNetDetector {
    /// What decides which boxes are detections.
    package struct Thresholds: Sendable {
        /// A box has a class of at least this probability.
        package var candidate: Float = 0.2
        /// Probabilities of detections are above this.
        package var score: Float = 0.25
        /// Intersection over union of two detections is at most this.
        package var overlap: Float = 0.45

        package init(candidate: Float = 0.2, score: Float = 0.25, overlap: Float = 0.45) {
            self.candidate = candidate
            self.score = score
            self.overlap = overlap
        }
    }

    /// The classes, in the order of the output.
    package static let labels = [
        "FEMALE_GENITALIA_COVERED", "FACE_FEMALE", "BUTTOCKS_EXPOSED", "FEMALE_BREAST_EXPOSED",
        "FEMALE_GENITALIA_EXPOSED", "MALE_BREAST_EXPOSED", "ANUS_EXPOSED", "FEET_EXPOSED",
        "BELLY_COVERED", "FEET_COVERED", "ARMPITS_COVERED", "ARMPITS_EXPOSED", "FACE_MALE",
        "BELLY_EXPOSED", "MALE_GENITALIA_EXPOSED", "ANUS_COVERED", "FEMALE_BREAST_COVERED",
        "BUTTOCKS_COVERED",
    ]

    /// File and version of the runtime, which tell it from others.
    let label: String
    private let path: String
    private let session: ONNXSession
    private let thresholds: Thresholds

    /// Width and height of the input, in pixels.
    private static let side = 320
    /// Longest side of a frame, in shorter ones: a square of it takes memory.
    private static let maximumRatio = 16
    /// Values of a box before its probabilities: center and size.
    private static let boxCount = 4
    /// Bytes of a model file; NudeNet's have at most 104 MB.
    private static let fileLimit = 1 << 30

    /// - Parameters:
    ///   - threadCount: At least 1.
    /// - Throws: `MetricError.detector`, `.noRuntime`.
    package init(
        _ source: DetectorSource, threadCount: Int, thresholds: Thresholds = .init()
    ) throws(MetricError) {
        path = source.model
        let model: ByteStorage
        do throws(TensorError) {
            model = try ByteStorage(mapping: path)
        } catch {
            throw .detector(path: path, reason: "\(error)")
        }
        guard model.count <= Self.fileLimit else {
            throw .detector(path: path, reason: "it is larger than \(Self.fileLimit >> 30) GiB")
        }
        session = try ONNXSession(model, from: source, threadCount: threadCount)
        let expected = [1, 3, Self.side, Self.side]
        guard session.inputShape.count == expected.count,
            zip(session.inputShape, expected).allSatisfy({ $0 == nil || $0 == $1 })
        else {
            let shape = session.inputShape.map { $0.map(String.init) ?? "any" }
            throw .detector(
                path: path,
                reason: """
                    its input is [\(shape.joined(separator: ", "))], and NudeNet's 320n takes \(expected)
                    """)
        }
        var hash = SHA256Digest()
        model.withBytes { hash.update($0) }
        label = "nudenet@\(hash.finish().prefix(12)) onnxruntime@\(session.runtimeVersion)"
        self.thresholds = thresholds
    }

    /// The detections in a frame, best first.
    ///
    /// - Throws: `InputFailure`.
    package func detections(in frame: Frame) throws(InputFailure) -> [Detection] {
        let (values, shape) = try session.run(
            input(of: frame), shape: [1, 3, Self.side, Self.side])
        let classCount = Self.labels.count
        guard shape.count == 3, shape[0] == 1, shape[1] == Self.boxCount + classCount else {
            throw InputFailure(
                reason: """
                    the output of '\(path)' is \(shape), and NudeNet's 320n gives \
                    [1, \(Self.boxCount + classCount), boxes]
                    """)
        }
        guard values.allSatisfy(\.isFinite) else {
            throw InputFailure(
                reason: "the output of '\(path)' is no finite number; is the file damaged?")
        }
        let count = shape[2]
        let candidates = (0..<count).compactMap { index -> Detection? in
            func value(_ row: Int) -> Float { values[row * count + index] }
            var best = 0
            for label in 1..<classCount
            where value(Self.boxCount + label) > value(Self.boxCount + best) { best = label }
            let score = value(Self.boxCount + best)
            guard score >= thresholds.candidate else { return nil }
            let box = Self.box((0..<Self.boxCount).map(value), in: frame)
            return Detection(label: best, score: score, box: box)
        }
        return Detection.suppressingNonMaxima(
            candidates, scoreThreshold: thresholds.score, overlapThreshold: thresholds.overlap)
    }

    /// The box in pixels of a frame, cut at its edges, of center and size in pixels of the input.
    ///
    /// Computed in single precision as by NumPy.
    private static func box(_ values: [Float], in frame: Frame) -> [Float] {
        let (side, square) = (Float(Self.side), Float(max(frame.width, frame.height)))
        func scaled(_ value: Float) -> Float { value * square / side }
        let (width, height) = (Float(frame.width), Float(frame.height))
        let x = max(0, min(scaled(values[0] - values[2] / 2), width))
        let y = max(0, min(scaled(values[1] - values[3] / 2), height))
        return [x, y, min(scaled(values[2]), width - x), min(scaled(values[3]), height - y)]
    }

    /// The input for a frame: padded with black to a square, resized, planes from 0 to 1.
    ///
    /// The planes are blue, green and red: NudeNet swaps them twice.
    private func input(of frame: Frame) throws(InputFailure) -> [Float] {
        let square = try Self.padded(frame)
        let pixels: [UInt8]
        do throws(FrameError) {
            pixels = try Self.resized(square)
        } catch {
            throw InputFailure(reason: "\(error)")
        }
        let count = Self.side * Self.side
        return [Float](unsafeUninitializedCapacity: 3 * count) { planes, filled in
            for plane in 0..<3 {
                for i in 0..<count {
                    planes[plane * count + i] = Float(pixels[3 * i + 2 - plane]) * (1 / 255)
                }
            }
            filled = 3 * count
        }
    }

    /// A frame with black at its right or below it.
    private static func padded(_ frame: Frame) throws(InputFailure) -> Frame {
        let side = max(frame.width, frame.height)
        guard side != frame.width || side != frame.height else { return frame }
        guard side <= maximumRatio * min(frame.width, frame.height) else {
            throw InputFailure(
                reason: """
                    frames of \(frame.width) × \(frame.height) pixels are more than \(maximumRatio) times as long as \
                    wide, and NudeNet takes squares
                    """)
        }
        guard Memory.isAvailable(Checked.product(side, side, 3)) else {
            throw InputFailure(
                reason: "\(FrameError.outOfMemoryForResizing(width: side, height: side))")
        }
        let row = 3 * frame.width
        let pixels = [UInt8](unsafeUninitializedCapacity: 3 * side * side) { square, filled in
            square.initialize(repeating: 0)
            frame.pixels.withUnsafeBufferPointer { pixels in
                guard let source = pixels.baseAddress, let target = square.baseAddress else {
                    return
                }
                for y in 0..<frame.height {
                    (target + 3 * side * y).update(from: source + row * y, count: row)
                }
            }
            filled = 3 * side * side
        }
        return Frame(width: side, height: side, pixels: pixels)
    }

    private static func resized(_ square: Frame) throws(FrameError) -> [UInt8] {
        guard square.width != side else { return square.pixels }
        return try Resampling(
            .openCVLinear,
            from: Resampling.Size(width: square.width, height: square.height),
            to: Resampling.Size(width: side, height: side)
        ).pixels(of: square)
    }
}
