internal import CKernels
internal import Foundation
internal import Statistics

/// Motion features: statistics of the trajectories of a clip's patch tokens over its frames.
///
/// All features but one are scale-free: speed itself should not matter, but its changes along a
/// trajectory should. Notation, for tokens p:
///
/// - N is the mean of |p|² over the clip.
/// - s are the lengths of steps (first differences) and e those of second differences, both divided
///   by √N; c are the cosines between consecutive steps; d are distances of frames farther apart.
/// - S, E, C and D are their means over patches, one per time.
/// - M is the median of S plus f, and l = ln(S + f). f = 0.1 is about a third of a typical step. Of
///   the values tried, 0.01 to 0.1, it detected unseen kinds of degradation best.
///
/// Bursts are processed separately: statistics are taken over all times of all bursts, and features
/// with one value per burst are averaged.
///
/// Based on ReStraV (arXiv 2507.00583), which uses step lengths and turning angles of the CLS
/// token's trajectory. Here patch tokens alone were as informative as CLS, mean and patch tokens.
enum MotionFeatures {
    static let count = 24
    /// The constant f.
    private static let floor = 0.1
    /// Minimum number of frames per burst.
    static let shortestBurst = 4

    /// - Parameters:
    ///   - bursts: Patch tokens of each frame of each burst, `[bursts][frames][patches, width]`.
    ///     Bursts of fewer than four frames are left out.
    ///   - width: Token width.
    /// - Returns: 23 features followed by 1, `[24]`; all zeros if no burst is left.
    static func features(of bursts: [[[Float]]], width: Int) -> [Float] {
        let products = bursts.filter { $0.count >= shortestBurst }
            .map { TokenProducts($0, width: width) }
        guard !products.isEmpty else { return Array(repeating: 0, count: count) }
        let norm = max(products.flatMap(\.squaredNorms).mean, .leastNormalMagnitude)
        let trajectories = products.map { Trajectories($0, norm: norm) }
        return (features(of: trajectories) + [1]).map { Float($0) }
    }

    private static func features(of bursts: [Trajectories]) -> [Double] {
        let steps = bursts.flatMap(\.steps)
        let turns = bursts.flatMap(\.turns)
        let meanSteps = steps.map(\.mean)
        let meanSeconds = bursts.flatMap(\.seconds).map(\.mean)
        let meanTurns = turns.map(\.mean)
        let medianStep = median(meanSteps) + floor
        let logsOfBursts = bursts.map { $0.steps.map { log($0.mean + floor) } }
        let logs = logsOfBursts.flatMap(\.self)
        // Changes within bursts only, because frames of different bursts are not consecutive.
        let changes = logsOfBursts.flatMap { logs in
            zip(logs, logs.dropFirst()).map { abs($0 - $1) }
        }
        let medianSecond = median(meanSeconds) + floor
        func relativeDistance(apart frames: Int) -> Double {
            log((median(bursts.flatMap { $0.distances(apart: frames) }) + floor) / medianStep)
        }
        let patches = steps[0].indices.map { patch in steps.map { $0[patch] } }
        let patchMeans = patches.map(\.mean)
        let patchVariations = zip(patches, patchMeans).map { $0.standardDeviation / ($1 + floor) }
            .sorted()
        let allSteps = steps.flatMap(\.self).sorted()
        let allTurns = turns.flatMap(\.self).sorted()
        let medianPatchStep = quantile(0.5, ofSorted: allSteps) + floor
        return [
            // Variation of the speed over time.
            logs.standardDeviation, minimum(logs) - log(medianStep),
            maximum(logs) - log(medianStep),
            changes.mean, maximum(changes),
            // Cosines between consecutive steps: 1 straight on, −1 back.
            meanTurns.mean, meanTurns.standardDeviation, minimum(meanTurns), maximum(meanTurns),
            // Second differences relative to steps.
            log(medianSecond / medianStep), log((maximum(meanSeconds) + floor) / medianSecond),
            // Distances of frames two and three apart relative to steps.
            relativeDistance(apart: 2), relativeDistance(apart: 3),
            // Temporal order, and straightness of the whole trajectory.
            bursts.map(\.orderedFraction).mean, bursts.map { $0.straightness(floor: floor) }.mean,
            // Variation between patches, and within patches over time.
            patchMeans.standardDeviation / (patchMeans.mean + floor),
            quantile(0.5, ofSorted: patchVariations), quantile(0.9, ofSorted: patchVariations),
            log((quantile(0.1, ofSorted: allSteps) + floor) / medianPatchStep),
            log((quantile(0.9, ofSorted: allSteps) + floor) / medianPatchStep),
            quantile(0.1, ofSorted: allTurns), quantile(0.9, ofSorted: allTurns),
            // Stillness: 1 if nothing moves.
            floor / medianStep,
        ]
    }

    private static func median(_ values: [Double]) -> Double {
        quantile(0.5, ofSorted: values.sorted())
    }

    private static func minimum(_ values: [Double]) -> Double { values.min() ?? 0 }
    private static func maximum(_ values: [Double]) -> Double { values.max() ?? 0 }
}

/// Inner products of each patch's tokens in all pairs of frames of a burst.
private struct TokenProducts {
    let frames: Int
    let patches: Int
    /// Inner products, `[patches, frames, frames]`.
    private let products: [Double]

    /// - Parameter tokens: `[frames][patches, width]`.
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
                let kernels = ganrm_kernels_in_use().pointee
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

/// Measurements along the token trajectories of a burst.
private struct Trajectories {
    /// Lengths of steps, `[times][patches]`.
    let steps: [[Double]]
    /// Cosines between consecutive steps, `[times][patches]`.
    let turns: [[Double]]
    /// Lengths of second differences, `[times][patches]`.
    let seconds: [[Double]]
    /// Distances of two frames' tokens, averaged over patches, `[frames][frames]`.
    private let distances: [[Double]]

    /// - Parameter norm: N.
    init(_ products: TokenProducts, norm: Double) {
        let (frames, patches) = (products.frames, 0..<products.patches)
        /// Squared distance of a patch's tokens at times `t` and `u`, divided by N.
        func square(_ patch: Int, _ t: Int, _ u: Int) -> Double {
            max(products[patch, t, t] + products[patch, u, u] - 2 * products[patch, t, u], 0) / norm
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
                patches.reduce(0) { $0 + square($1, t, u).squareRoot() } / Double(products.patches)
            }
        }
    }

    func distances(apart: Int) -> [Double] {
        (0..<max(distances.count - apart, 0)).map { distances[$0][$0 + apart] }
    }

    /// Fraction of frames whose nearest other frame is adjacent in time.
    var orderedFraction: Double {
        let ordered = distances.indices.count { t in
            let others = distances.indices.filter { $0 != t }
            let nearest = others.min { distances[t][$0] < distances[t][$1] } ?? t
            return abs(nearest - t) == 1
        }
        return Double(ordered) / Double(distances.count)
    }

    /// Distance from the first to the last frame, divided by the length of the trajectory.
    func straightness(floor: Double) -> Double {
        let length = distances(apart: 1).reduce(0, +)
        return distances[0][distances.count - 1] / (length + floor)
    }
}
