internal import CKernels
internal import Foundation
internal import Tensors

/// How a clip moves, by the paths that its patch tokens take from frame to frame.
///
/// All but one are free of scale: fast is no better than slow, but steps of one path should be alike. For tokens p, N
/// is the mean of |p|² over the clip; s the lengths of steps and e those of second differences, both over √N; c is the
/// inner product of a step with the next, over N times their lengths s; d the distances of frames that lie farther
/// apart. S, E, C and D are their means over patches, one for each time; M is the median of S plus f, l = ln(S + f),
/// and f = 0.1: a third of a usual step, and of 0.01 to 0.1 what told damage best that was never shown.
///
/// Bursts are followed one by one: what follows is over all times of all bursts, and where one number comes of each
/// burst, their mean.
///
/// In the spirit of ReStraV (arXiv 2507.00583), which takes lengths and turns of the CLS token's path. Here patches alone
/// tell as much as CLS, mean and patches.
enum MotionFeatures {
    static let count = 24
    private static let floor = 0.1
    /// Fewest frames that are a path.
    static let shortestBurst = 4

    /// - Parameters:
    ///   - bursts: Frame by frame the patch tokens, `[patches, width]` each. Those of fewer than four frames are left out.
    ///   - width: Numbers per token.
    /// - Returns: 23 features, then 1; zeros if no burst is left.
    static func features(of bursts: [[[Float]]], width: Int) -> [Float] {
        let paths = bursts.filter { $0.count >= shortestBurst }.map { Paths($0, width: width) }
        guard !paths.isEmpty else { return Array(repeating: 0, count: count) }
        let norm = max(paths.flatMap(\.squaredNorms).mean, .leastNormalMagnitude)
        let measures = paths.map { PathMeasures($0, norm: norm) }
        return (features(of: measures) + [1]).map { Float($0) }
    }

    private static func features(of bursts: [PathMeasures]) -> [Double] {
        let steps = bursts.flatMap(\.steps)
        let turns = bursts.flatMap(\.turns)
        let meanSteps = steps.map(\.mean)
        let meanSeconds = bursts.flatMap(\.seconds).map(\.mean)
        let meanTurns = turns.map(\.mean)
        let middle = median(meanSteps) + floor
        let logsOfBursts = bursts.map { $0.steps.map { log($0.mean + floor) } }
        let logs = logsOfBursts.flatMap(\.self)
        // Not from one burst to the next: between them anything may happen.
        let changes = logsOfBursts.flatMap { logs in
            zip(logs, logs.dropFirst()).map { abs($0 - $1) }
        }
        let middleSecond = median(meanSeconds) + floor
        func apart(_ frames: Int) -> Double {
            log((median(bursts.flatMap { $0.distances(apart: frames) }) + floor) / middle)
        }
        let patches = steps[0].indices.map { patch in steps.map { $0[patch] } }
        let patchMeans = patches.map(\.mean)
        let unevenness = zip(patches, patchMeans).map { $0.standardDeviation / ($1 + floor) }
            .sorted()
        let allSteps = steps.flatMap(\.self).sorted()
        let allTurns = turns.flatMap(\.self).sorted()
        let middleStep = quantile(0.5, ofSorted: allSteps) + floor
        return [
            // The speed over time.
            logs.standardDeviation, least(logs) - log(middle), largest(logs) - log(middle),
            changes.mean, largest(changes),
            // Turns: 1 straight on, −1 back.
            meanTurns.mean, meanTurns.standardDeviation, least(meanTurns), largest(meanTurns),
            // Second differences, by steps.
            log(middleSecond / middle), log((largest(meanSeconds) + floor) / middleSecond),
            // Frames two and three apart, by steps.
            apart(2), apart(3),
            // Order, and how straight the whole path is.
            bursts.map(\.shareInOrder).mean, bursts.map { $0.straightness(floor: floor) }.mean,
            // Patches: some move, others do not; some move by fits and starts.
            patchMeans.standardDeviation / (patchMeans.mean + floor),
            quantile(0.5, ofSorted: unevenness), quantile(0.9, ofSorted: unevenness),
            log((quantile(0.1, ofSorted: allSteps) + floor) / middleStep),
            log((quantile(0.9, ofSorted: allSteps) + floor) / middleStep),
            quantile(0.1, ofSorted: allTurns), quantile(0.9, ofSorted: allTurns),
            // Stillness: 1 if nothing moves.
            floor / middle,
        ]
    }

    private static func median(_ values: [Double]) -> Double {
        quantile(0.5, ofSorted: values.sorted())
    }

    private static func least(_ values: [Double]) -> Double { values.min() ?? 0 }
    private static func largest(_ values: [Double]) -> Double { values.max() ?? 0 }
}

/// The inner products of each patch's tokens in the frames of a burst.
private struct Paths {
    let frames: Int
    let patches: Int
    /// `[patches, frames, frames]`.
    private let products: [Double]

    /// - Parameter tokens: `[frames, patches, width]`.
    init(_ tokens: [[Float]], width: Int) {
        frames = tokens.count
        patches = tokens[0].count / width
        let (frames, patches) = (frames, patches)
        let size = patches * width
        let all = tokens.flatMap(\.self)
        products = Array(unsafeUninitializedCapacity: patches * frames * frames) { buffer, count in
            count = patches * frames * frames
            guard let out = buffer.baseAddress else { return }
            all.withUnsafeBufferPointer { all in
                let pointers = (0..<frames).map { frame in
                    all.baseAddress.map { $0 + frame * size }
                }
                let kernels = ganrm_kernels_best().pointee
                for patch in 0..<patches {
                    kernels.frame_gram(
                        pointers, patch * width, frames, width, out + patch * frames * frames)
                }
            }
        }
    }

    subscript(patch: Int, t: Int, u: Int) -> Double {
        products[(patch * frames + t) * frames + u]
    }

    var squaredNorms: [Double] {
        (0..<patches).flatMap { patch in (0..<frames).map { self[patch, $0, $0] } }
    }
}

/// Lengths and turns along the paths of a burst, `[times][patches]` each.
private struct PathMeasures {
    let steps: [[Double]]
    let turns: [[Double]]
    let seconds: [[Double]]
    /// Mean distances of two frames' tokens, `[frames][frames]`.
    private let distances: [[Double]]

    init(_ paths: Paths, norm: Double) {
        let (frames, patches) = (paths.frames, 0..<paths.patches)
        func square(_ patch: Int, _ t: Int, _ u: Int) -> Double {
            max(paths[patch, t, t] + paths[patch, u, u] - 2 * paths[patch, t, u], 0) / norm
        }
        steps = (0..<frames - 1).map { t in patches.map { square($0, t, t + 1).squareRoot() } }
        var turns: [[Double]] = []
        var seconds: [[Double]] = []
        for t in 0..<frames - 2 {
            var turn: [Double] = []
            var second: [Double] = []
            for patch in patches {
                let (one, next) = (square(patch, t, t + 1), square(patch, t + 1, t + 2))
                let both = square(patch, t, t + 2)
                turn.append((both - one - next) / 2 / (one * next + 1e-10).squareRoot())
                second.append(max(2 * one + 2 * next - both, 0).squareRoot())
            }
            turns.append(turn)
            seconds.append(second)
        }
        self.turns = turns
        self.seconds = seconds
        distances = (0..<frames).map { t in
            (0..<frames).map { u in
                patches.reduce(0) { $0 + square($1, t, u).squareRoot() } / Double(paths.patches)
            }
        }
    }

    func distances(apart: Int) -> [Double] {
        (0..<max(distances.count - apart, 0)).map { distances[$0][$0 + apart] }
    }

    /// The share of frames whose nearest other frame is a neighbour in time.
    var shareInOrder: Double {
        let ordered = distances.indices.count { t in
            let others = distances.indices.filter { $0 != t }
            let nearest = others.min { distances[t][$0] < distances[t][$1] } ?? t
            return abs(nearest - t) == 1
        }
        return Double(ordered) / Double(distances.count)
    }

    /// From the first to the last frame, by the way between them.
    func straightness(floor: Double) -> Double {
        let way = distances(apart: 1).reduce(0, +)
        return distances[0][distances.count - 1] / (way + floor)
    }
}
