import Foundation
import Tensors
import Testing

@Suite struct WeightFileTests {
    /// Both files of each pair were written by PyTorch, transformers and NumPy; see `fixtures/tensors/make.py` and
    /// `arrays.py`.
    @Test(arguments: [
        ("training.pth", "training.safetensors"), ("plain.pth", "plain.safetensors"),
        ("script.pt", "script.safetensors"), ("legacy.pth", "plain.safetensors"),
        ("dinov2.onnx", "dinov2.safetensors"),
        ("array-2.pkl", "array.safetensors"), ("array-3.pkl", "array.safetensors"),
        ("array-4.pkl", "array.safetensors"), ("array-5.pkl", "array.safetensors"),
        ("array-fortran-2.pkl", "array.safetensors"), ("array-fortran-3.pkl", "array.safetensors"),
        ("array-fortran-4.pkl", "array.safetensors"), ("array-fortran-5.pkl", "array.safetensors"),
        ("array-numpy-1.pkl", "array.safetensors"),
    ])
    func `every container gives the same tensors as PyTorch`(
        container: String, reference: String
    ) throws {
        let file = try WeightFile.open(golden(container))
        let expected = try WeightFile.open(golden(reference))
        #expect(file.tensors.keys.sorted() == expected.tensors.keys.sorted())
        for (name, tensor) in expected.tensors {
            #expect(file.tensors[name]?.shape == tensor.shape, "\(name)")
            #expect(file.tensors[name]?.dtype == tensor.dtype, "\(name)")
            #expect(file.tensors[name]?.floats() == tensor.floats(), "\(name)")
        }
    }

    @Test(arguments: [
        ("fraction.pth", "'fractions.Fraction'"), ("array-object.pkl", "of the type 'O8'"),
        ("array-big-endian.pkl", "not little-endian"),
        ("external.onnx", "in a second file"), ("make.py", "is neither"), ("gone", "No such file"),
    ])
    func `an unsupported file is refused with a reason`(name: String, reason: String) {
        let error = #expect(throws: TensorError.self) { try WeightFile.open(golden(name)) }
        #expect(error?.description.contains(reason) == true)
        #expect(error?.description.contains(name) == true)
    }

    @Test(arguments: [
        ("version https://git-lfs.github.com/spec/v1\noid sha256:00", "git lfs pull"),
        ("<!DOCTYPE html>", "web page"), ("GGUF    ", "GGUF"), ("PK\u{3}\u{4}", "cut off"),
        ("\u{1f}\u{8b}", "compressed"), ("x", "neither"),
    ])
    func `a known file of another kind is named in the error`(text: String, reason: String) throws {
        #expect(try refusal(of: Data(text.utf8))?.contains(reason) == true)
    }

    @Test func `an empty file and a folder are refused`() throws {
        #expect(try refusal(of: Data()) == "the file is empty")
        #expect(throws: TensorError.self) { try WeightFile.open("/") }
    }
}
