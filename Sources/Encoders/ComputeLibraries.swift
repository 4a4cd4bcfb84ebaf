internal import CKernels
internal import COneDNN

/// What encoders compute with: other versions and processors round differently.
public enum ComputeLibraries {
    /// E.g. `oneDNN 2.6.3 up to AVX512_CORE_BF16`: the widest instructions that it uses here.
    public static var oneDNN: String {
        guard let version = dnnl_version()?.pointee else { return "oneDNN" }
        let level =
            switch dnnl_get_effective_cpu_isa() {
            case dnnl_cpu_isa_sse41: "SSE41"
            case dnnl_cpu_isa_avx: "AVX"
            case dnnl_cpu_isa_avx2: "AVX2"
            case dnnl_cpu_isa_avx2_vnni: "AVX2_VNNI"
            case dnnl_cpu_isa_avx512_core: "AVX512_CORE"
            case dnnl_cpu_isa_avx512_core_vnni: "AVX512_CORE_VNNI"
            case dnnl_cpu_isa_avx512_core_bf16: "AVX512_CORE_BF16"
            case dnnl_cpu_isa_avx512_core_amx: "AVX512_CORE_AMX"
            case let other: "level 0x\(String(other.rawValue, radix: 16))"
            }
        return "oneDNN \(version.major).\(version.minor).\(version.patch) up to \(level)"
    }

    /// The level of our own kernels, e.g. `AVX-512 with bfloat16`.
    public static var kernels: String {
        if ganrm_cpu_has_bf16() { return "AVX-512 with bfloat16" }
        if ganrm_kernels_at(GANRM_KERNELS_AVX512) != nil { return "AVX-512" }
        return ganrm_kernels_at(GANRM_KERNELS_AVX2) != nil ? "AVX2" : "portable"
    }

    /// The precisions that the processor computes in hardware.
    public static var precisions: [Precision] { ganrm_cpu_has_bf16() ? [.f32, .bf16] : [.f32] }
}
