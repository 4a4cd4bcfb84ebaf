internal import CKernels
internal import Foundation

/// The kernels that encoders compute with; other revisions and processors round differently.
public enum ComputeKernels {
    /// Incremented when an encoder's embeddings change in any bit.
    public static let revision = 9

    /// The CPU level in use, e.g. `AVX-512 with bfloat16`.
    public static var level: String {
        if ganrm_cpu_has_bf16() { return "AVX-512 with bfloat16" }
        if ganrm_kernels_at(GANRM_KERNELS_AVX512_VNNI) != nil { return "AVX-512 with VNNI" }
        if ganrm_kernels_at(GANRM_KERNELS_AVX512) != nil { return "AVX-512" }
        if ganrm_kernels_at(GANRM_KERNELS_AVX_VNNI) != nil { return "AVX2 with VNNI" }
        return ganrm_kernels_at(GANRM_KERNELS_AVX2) != nil ? "AVX2" : "portable"
    }

    /// The processor's model name, e.g. `AMD EPYC 9R14`; nil if unknown.
    public static var processor: String? {
        // Read as a stream, because its reported size is 0.
        guard let file = fopen("/proc/cpuinfo", "r") else { return nil }
        defer { fclose(file) }
        var line: UnsafeMutablePointer<CChar>?
        var capacity = 0
        defer { free(line) }
        while getline(&line, &capacity, file) > 0, let line {
            let parts = String(cString: line).split(separator: ":", maxSplits: 1)
            guard parts.count == 2, parts[0].hasPrefix("model name") else { continue }
            return parts[1].trimmingCharacters(in: .whitespacesAndNewlines)
        }
        return nil
    }

    /// The precisions that the processor supports in hardware and that have expected scores.
    public static var precisions: [Precision] { ganrm_cpu_has_bf16() ? [.f32, .bf16] : [.f32] }
}
