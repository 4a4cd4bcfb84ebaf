import Distances
import Foundation
import Tensors
import TestSupport

/// Statistics of features.
extension FuzzTarget {
    /// A file of NumPy, whole, and as the arrays of a valid archive.
    static let npz = FuzzTarget(name: "npz") { folder in
        let files = try Fixture.files("evaluation", ".npz")
        let arrays = try files.flatMap { path in
            let archive = try ZipArchive(path: path)
            return try archive.names.map { name in
                var bytes: [UInt8] = []
                guard let member = archive[name] else { return path }
                try archive.extract(member, failing: { $0 }) { (chunk) throws(TensorError) in
                    bytes += chunk
                }
                let file = URL(fileURLWithPath: path).lastPathComponent
                return try folder.write(bytes, to: "\(file)-\(name)")
            }
        }
        return files + arrays
    } open: { folder in
        let path = folder.path("written.npz")
        let known = Fixture.path("evaluation/features.npz")
        let statistics = try FeatureStatistics(path: known)
        let mean = array("(12,)", Array(repeating: 0, count: 12))
        let covariance = array("(12, 12)", Array(repeating: 1, count: 144))
        return { bytes in
            let data = Data(bytes)
            let archives = [
                data,
                storedArchive([
                    (name: "mu.npy", content: data), (name: "sigma.npy", content: covariance),
                ]),
                storedArchive([(name: "mu.npy", content: mean), (name: "sigma.npy", content: data)]
                ),
                storedArchive([
                    (name: "mu.npy", content: mean), (name: "sigma.npy", content: covariance),
                    (name: "samples.npy", content: data), (name: "encoder.npy", content: data),
                ]),
            ]
            var error: (any Error)?
            for archive in archives {
                do {
                    try archive.withUnsafeBytes { try use($0, writingTo: path, statistics) }
                } catch let refusal { error = refusal }
            }
            if let error { throw error }
        }
    }

    private static func array(_ shape: String, _ values: [Double]) -> Data {
        let header = "{'descr': '<f8', 'fortran_order': False, 'shape': \(shape), }\n"
        return Data([0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(header.utf8.count), 0])
            + Data(header.utf8) + values.withUnsafeBytes { Data($0) }
    }

    /// Reads a file in memory, writes what it has, and takes a distance.
    private static func use(
        _ bytes: UnsafeRawBufferPointer, writingTo path: String, _ other: FeatureStatistics
    ) throws {
        guard let storage = ByteStorage(copying: bytes) else { return }
        let read = try FeatureStatistics(NumPyArchive(storage, path: "fuzz"), path: "fuzz")
        // Eigenvalues of a large matrix would take too long.
        guard read.dimension <= 64 else { return }
        try read.write(to: path)
        expect(try FeatureStatistics(path: path) == read, "other statistics are written")
        let fit = try NormalFit(read)
        _ = fit.bias
        let same = try FrechetDistance(fit, fit)
        expect(same.distance >= 0 && same.distance.isFinite, "a distance of \(same.distance)")
        _ = try FrechetDistance(fit, NormalFit(other))
    }
}
