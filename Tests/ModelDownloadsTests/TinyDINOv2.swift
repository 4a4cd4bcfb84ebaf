import Crypto
import Encoders
import Foundation
import ModelCatalogue
import Testing
import TestSupport

/// A DINOv2 of two blocks with weights in `fixtures/tensors`, as safetensors and as ONNX.
enum TinyDINOv2 {
    static let configuration = VisionTransformerConfiguration(
        imageSize: 28, patchSize: 14, width: 8, layers: 2, heads: 2, hiddenWidth: 16,
        activation: .gelu, layerNormEpsilon: 1e-6, normalisesInput: false, normalisesOutput: true,
        hasPatchBias: true, hasLayerScale: true, positionGrid: 3)

    static func entry(
        _ source: WeightSource? = nil, sha256: String? = nil, byteCount: Int? = nil
    ) -> CatalogueEntry {
        CatalogueEntry(
            name: "tiny", configuration: .transformer(configuration),
            preprocessing: Catalogue.entries[0].preprocessing!,
            source: source
                ?? .hub(repository: "lab/tiny", file: "model.safetensors", revision: "main"),
            licence: "none", byteCount: byteCount, sha256: sha256)
    }

    static func path(_ name: String) -> String { Fixture.path("tensors/\(name)") }

    /// The safetensors file of the weights.
    static func content() throws -> Data {
        try Data(contentsOf: URL(fileURLWithPath: path("dinov2.safetensors")))
    }
}

func sha256(_ bytes: Data) -> String {
    SHA256.hash(data: bytes).map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }
        .joined()
}

/// Calls `body` with the path of a cache folder that is removed afterwards.
func withCache<Result>(_ body: (String) throws -> Result) throws -> Result {
    let folder = try TemporaryFolder()
    defer { withExtendedLifetime(folder) {} }
    return try body(folder.path)
}

/// Names of the files in a model's cache folder, without the lock file.
func files(_ home: String, _ name: String = "tiny") -> [String] {
    let names = try? FileManager.default.contentsOfDirectory(atPath: "\(home)/models/\(name)")
    return (names ?? []).filter { $0 != ".lock" }.sorted()
}
