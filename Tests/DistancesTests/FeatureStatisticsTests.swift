import Distances
import Foundation
import Tensors
import Testing
import TestSupport

@Suite struct FeatureStatisticsTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test(arguments: ["features", "features-compressed", "features-fortran"])
    func `files of NumPy are read`(name: String) throws {
        let golden = try FeatureGolden.load()
        let statistics = try FeatureStatistics(path: Fixture.path("evaluation/\(name).npz"))
        #expect(statistics.covariance == golden.covariance)
        if name == "features-fortran" {
            #expect(statistics.mean == golden.mean.map { Double(Float($0)) })
        } else {
            #expect(statistics.mean == golden.mean)
        }
        let isOurs = name == "features"
        #expect(statistics.sampleCount == (isOurs ? 2500 : nil))
        #expect(
            statistics.provenance
                == (isOurs
                    ? FeatureProvenance(
                        encoder: "é🎞 encoder", sampling: "8 frames", precision: "f32",
                        version: "0.2.0")
                    : FeatureProvenance()))
    }

    @Test func `arrays are written with NumPy's bytes`() throws {
        let theirs = Fixture.path("evaluation/features.npz")
        let ours = folder.path("ours.npz")
        let statistics = try FeatureStatistics(path: theirs)
        try statistics.write(to: ours)
        let archives = try [theirs, ours].map { try ZipArchive(path: $0) }
        #expect(archives[0].names == archives[1].names)
        for name in archives[0].names {
            let contents = try archives.map { archive in
                var bytes: [UInt8] = []
                try archive.extract(
                    try #require(archive[name]), failing: { $0 }
                ) { (chunk) throws(TensorError) in bytes += chunk }
                return bytes
            }
            #expect(contents[0] == contents[1], "\(name)")
        }
        #expect(try FeatureStatistics(path: ours) == statistics)
        let first = try Data(contentsOf: URL(fileURLWithPath: ours))
        try statistics.write(to: ours)
        #expect(try Data(contentsOf: URL(fileURLWithPath: ours)) == first)
    }

    /// An array as NumPy would write it.
    private static func array(_ type: String, _ shape: String, _ data: [UInt8]) -> Data {
        let text = "{'descr': \(type), 'fortran_order': False, 'shape': \(shape), }\n"
        return Data([0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(text.utf8.count), 0])
            + Data(text.utf8) + Data(data)
    }

    private static func floats(_ shape: String, _ values: [Double]) -> Data {
        array(
            "'<f8'", shape,
            values.flatMap { value in withUnsafeBytes(of: value.bitPattern) { Array($0) } })
    }

    private static let mu = floats("(2,)", [1, 2])
    private static let sigma = floats("(2, 2)", [2, 1, 1, 3])

    @Test(
        arguments: [
            ([("mu.npy", mu)], "no array sigma; write it with numpy.savez"),
            ([("sigma.npy", sigma)], "no array mu; write it with numpy.savez"),
            ([("mu.npy", floats("(1, 2)", [1, 2]))], "mu has the shape [1, 2] instead of [D]"),
            ([("mu.npy", floats("(0,)", []))], "mu has the shape [0] instead of [D]"),
            ([("mu.npy", floats("(2,)", [1, .nan]))], "mu has infinities or NaNs"),
            ([("mu.npy", floats("(3,)", [1, 2]))], "16 bytes for the shape [3] of '<f8'"),
            (
                [("mu.npy", floats("(4611686018427387904, 4)", []))],
                "a shape that overflows"
            ),
            ([("mu.npy", floats("(-1,)", [1]))], "no header of a NumPy array"),
            ([("mu.npy", floats("(1)", [1]))], "no header of a NumPy array"),
            ([("mu.npy", array("'|O'", "(2,)", []))], "the type '|O', which is not <f8, <f4"),
            ([("mu.npy", array("'>f8'", "(1,)", []))], "the type '>f8', which is not <f8, <f4"),
            ([("mu.npy", array("[('a', '<f8')]", "(1,)", []))], "no header of a NumPy array"),
            (
                [("mu.npy", array("'<i8'", "(1,)", Array(repeating: 0, count: 8)))],
                "mu has no floats"
            ),
            ([("mu.npy", Data())], "no header of a NumPy array"),
            (
                [("mu.npy", mu), ("sigma.npy", floats("(4,)", [1, 2, 3, 4]))],
                "sigma has the shape [4] instead of [2, 2]"
            ),
            (
                [("mu.npy", mu), ("sigma.npy", floats("(3, 3)", Array(repeating: 1, count: 9)))],
                "sigma has the shape [3, 3] instead of [2, 2]"
            ),
            (
                [("mu.npy", mu), ("sigma.npy", floats("(2, 2)", [2, 1, 1.001, 3]))],
                "sigma is no covariance: it is not symmetric"
            ),
            (
                [("mu.npy", mu), ("sigma.npy", floats("(2, 2)", [-1, 0, 0, 3]))],
                "sigma is no covariance: it is not symmetric, or has negative variances"
            ),
            (
                [("mu.npy", mu), ("sigma.npy", floats("(2, 2)", [1, 0, 0, .infinity]))],
                "sigma has infinities or NaNs"
            ),
            (
                [
                    ("mu.npy", mu), ("sigma.npy", sigma),
                    ("samples.npy", array("'<i8'", "()", [1, 0, 0, 0, 0, 0, 0, 0])),
                ], "samples is no integer from 2"
            ),
            (
                [
                    ("mu.npy", mu), ("sigma.npy", sigma),
                    ("encoder.npy", array("'<U1'", "(1,)", [65, 0, 0, 0])),
                ], "encoder is no text"
            ),
        ] as [([(String, Data)], String)])
    func `damaged files are refused`(members: [(String, Data)], reason: String) throws {
        let path = folder.path("statistics.npz")
        try storedArchive(members.map { (name: $0.0, content: $0.1) })
            .write(to: URL(fileURLWithPath: path))
        let error = #expect(throws: DistanceError.self) { try FeatureStatistics(path: path) }
        let message = error?.description ?? ""
        #expect(message.contains(path) && message.contains(reason), "\(message)")
    }

    @Test func `a file that is no archive is refused`() throws {
        let path = folder.path("statistics.npz")
        for contents in ["", "no archive", String(repeating: "x", count: 100)] {
            try folder.write(contents, to: "statistics.npz")
            #expect(throws: DistanceError.self) { try FeatureStatistics(path: path) }
        }
        #expect(throws: DistanceError.self) { try FeatureStatistics(path: folder.path("none.npz")) }
    }

    @Test func `an array that would be too long is refused before it is read`() throws {
        let text = "{'descr': '<f8', 'fortran_order': False, 'shape': (100000,), }\n"
        #expect(text.utf8.count < 256)
        let path = folder.path("statistics.npz")
        try storedArchive([
            (
                name: "mu.npy",
                content: Self.array("'<f8'", "(100000,)", Array(repeating: 0, count: 800_000))
            )
        ]).write(to: URL(fileURLWithPath: path))
        let error = #expect(throws: DistanceError.self) { try FeatureStatistics(path: path) }
        #expect(error?.description.contains("more than the 131072 that it may have") == true)
    }
}
