package import Tensors

/// Files of statistics: `.npz` with pytorch-fid's arrays `mu`, `[D]`, and `sigma`, `[D, D]`. Those of
/// `ganrm` also have `samples`, an integer, and the texts of `FeatureProvenance`.
///
/// Source: mseitzer/pytorch-fid b9c1811, `src/pytorch_fid/fid_score.py`, `save_fid_stats` and
/// `compute_statistics_of_path`.
extension FeatureStatistics {
    private static let meanName = "mu"
    private static let covarianceName = "sigma"
    private static let countName = "samples"

    /// The largest difference of two elements that should be equal, as a share of the largest
    /// variance: the error of sums in float32.
    private static let asymmetryLimit = 1e-5
    /// Maximum length of a text, in bytes.
    private static let textLimit = 1 << 20

    /// Reads a file.
    ///
    /// - Throws: `DistanceError.file` for a file that cannot be read or is damaged,
    ///   `DistanceError.badStatistics` for one without valid statistics.
    public init(path: String) throws(DistanceError) {
        let archive: NumPyArchive
        do { archive = try NumPyArchive(path: path) } catch { throw .file(error) }
        try self.init(archive, path: path)
    }

    /// - Parameter path: Names the file in errors.
    package init(_ archive: NumPyArchive, path: String) throws(DistanceError) {
        func bad(_ reason: String) -> DistanceError { .badStatistics(path: path, reason: reason) }
        func array(_ name: String, elements: Int) throws(DistanceError) -> NumPyArray? {
            do {
                return try archive.array(name, limit: elements * MemoryLayout<Double>.size)
            } catch { throw .file(error) }
        }
        func floats(_ name: String, shape: [Int]?) throws(DistanceError) -> [Double] {
            let elements = shape?.reduce(1, *) ?? Self.dimensionLimit
            guard let array = try array(name, elements: elements) else {
                throw bad("no array \(name); write it with numpy.savez(file, mu=mu, sigma=sigma)")
            }
            guard let floats = array.floats else { throw bad("\(name) has no floats") }
            guard !floats.isEmpty, array.shape == shape ?? [floats.count] else {
                let expected = shape.map { "\($0)" } ?? "[D]"
                throw bad("\(name) has the shape \(array.shape) instead of \(expected)")
            }
            guard floats.allSatisfy(\.isFinite) else {
                throw bad("\(name) has infinities or NaNs")
            }
            return floats
        }
        // Longer ones are refused by their length in bytes.
        let mean = try floats(Self.meanName, shape: nil)
        let size = mean.count
        guard size <= Self.dimensionLimit else {
            throw bad("mu has \(size) values, more than \(Self.dimensionLimit)")
        }
        // Symmetric: the order of Fortran makes no difference.
        var covariance = try floats(Self.covarianceName, shape: [size, size])
        guard Self.symmetrize(&covariance, size: size) else {
            throw bad("sigma is no covariance: it is not symmetric, or has negative variances")
        }
        var count: Int?
        if let array = try array(Self.countName, elements: 1) {
            guard let integer = array.integer, integer >= 2 else {
                throw bad("samples is no integer from 2")
            }
            count = integer
        }
        var provenance = FeatureProvenance()
        for (name, keyPath) in FeatureProvenance.names {
            guard let array = try array(name, elements: Self.textLimit / 8) else { continue }
            guard let text = array.text else { throw bad("\(name) is no text") }
            provenance[keyPath: keyPath] = text
        }
        self.init(mean: mean, covariance: covariance, sampleCount: count, provenance: provenance)
    }

    /// Makes a matrix exactly symmetric; returns false if it was not so up to rounding, or if it has
    /// negative variances.
    private static func symmetrize(_ matrix: inout [Double], size: Int) -> Bool {
        let variances = (0..<size).map { matrix[$0 + $0 * size] }
        let limit = asymmetryLimit * variances.reduce(0, max)
        guard variances.allSatisfy({ $0 >= 0 }) else { return false }
        for row in 0..<size {
            for column in 0..<row {
                let (upper, lower) = (column * size + row, row * size + column)
                guard abs(matrix[upper] / 2 - matrix[lower] / 2) <= limit / 2 else { return false }
                let mean = matrix[upper] / 2 + matrix[lower] / 2
                (matrix[upper], matrix[lower]) = (mean, mean)
            }
        }
        return true
    }

    /// Writes a file, atomically; `numpy.load` and pytorch-fid read it. Equal statistics give equal
    /// bytes.
    ///
    /// - Throws: `DistanceError.file`.
    public func write(to path: String) throws(DistanceError) {
        var arrays: [(String, NumPyArray)] = [
            (Self.meanName, NumPyArray(mean, shape: [dimension])),
            (Self.covarianceName, NumPyArray(covariance, shape: [dimension, dimension])),
        ]
        if let sampleCount { arrays.append((Self.countName, NumPyArray(sampleCount))) }
        for (name, keyPath) in FeatureProvenance.names {
            if let text = provenance[keyPath: keyPath] { arrays.append((name, NumPyArray(text))) }
        }
        do { try NumPyArchive.write(arrays, to: path) } catch { throw .file(error) }
    }
}
