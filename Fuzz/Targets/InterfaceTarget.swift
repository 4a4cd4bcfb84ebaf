import Foundation
import TestModels
import TestSupport

/// Calls of `ganrm.h`, see `Fuzz/Driver/interface.c`.
extension FuzzTarget {
    static let interface = FuzzTarget(name: "interface") { folder in
        // Open a model and a filter, push frames of two formats, pull, flush, pull.
        let opening: [UInt8] = [0, 1, 0, 0, 3, 4, 2]
        let pushing: [UInt8] = [12, 65, 0, 2, 0, 8, 0, 0, 7]
        let pulling: [UInt8] = [6, 8, 9, 10, 11, 1]
        let words = [UInt8](repeating: 0, count: 16)
        let round = pushing + pushing + [8] + pushing + pulling + words + [7]
        // Opening a model takes longer than all other calls; a long sequence tries more of them.
        let rounds = Array(repeatElement(round, count: 15).joined())
        return [
            try folder.write(opening + round + [5, 2], to: "calls"),
            try folder.write(opening + rounds + [5, 2], to: "many-calls"),
        ]
    } open: { _ in
        _ = modelFiles
        return { _ in }
    }
}

/// A small model, and the paths of its head, encoder and weights as C strings.
private nonisolated(unsafe) let modelFiles: (TinyModel, paths: [UnsafeMutablePointer<CChar>?]) = {
    do {
        let model = try TinyModel()
        return (model, [try model.untrainedHead(), model.encoder, model.weights].map(duplicate))
    } catch {
        fatalError("the small model cannot be written: \(error)")
    }
}()

private func duplicate(_ text: String) -> UnsafeMutablePointer<CChar>? { strdup(text) }

@c(fuzz_model_file) public func modelFile(_ index: CInt) -> UnsafePointer<CChar>? {
    UnsafePointer(modelFiles.paths[Int(index)])
}
