#include "Attention/workspace.h"
#include "Cpu/levels.h"

#if defined(__x86_64__)

static bool has_avx2(void) {
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}

static bool has_avx512(void) {
    return has_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw")
        && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
}

static bool has_avx512_vnni(void) { return has_avx512() && __builtin_cpu_supports("avx512vnni"); }

const ganrm_kernels *ganrm_kernels_at(ganrm_kernel_level level) {
    switch (level) {
    case GANRM_KERNELS_REFERENCE: return &ganrm_kernels_reference;
    case GANRM_KERNELS_PORTABLE: return &ganrm_kernels_portable;
    case GANRM_KERNELS_AVX2: return has_avx2() ? &ganrm_kernels_avx2 : NULL;
    case GANRM_KERNELS_AVX_VNNI:
        return has_avx2() && __builtin_cpu_supports("avxvnni") ? &ganrm_kernels_avx_vnni : NULL;
    case GANRM_KERNELS_AVX512: return has_avx512() ? &ganrm_kernels_avx512 : NULL;
    case GANRM_KERNELS_AVX512_VNNI: return has_avx512_vnni() ? &ganrm_kernels_avx512_vnni : NULL;
    case GANRM_KERNELS_AVX512_BF16:
        return has_avx512_vnni() && __builtin_cpu_supports("avx512bf16")
            ? &ganrm_kernels_avx512_bf16
            : NULL;
    }
    return NULL;
}

#else

const ganrm_kernels *ganrm_kernels_at(ganrm_kernel_level level) {
    switch (level) {
    case GANRM_KERNELS_REFERENCE: return &ganrm_kernels_reference;
    case GANRM_KERNELS_PORTABLE: return &ganrm_kernels_portable;
    default: return NULL;
    }
}

#endif

const ganrm_kernels *ganrm_kernels_best(void) {
    for (int level = GANRM_KERNEL_LEVELS - 1; level > GANRM_KERNELS_PORTABLE; level--) {
        const ganrm_kernels *kernels = ganrm_kernels_at((ganrm_kernel_level)level);
        if (kernels) return kernels;
    }
    return &ganrm_kernels_portable;
}

bool ganrm_cpu_has_bf16(void) {
    return ganrm_kernels_at(GANRM_KERNELS_AVX512_BF16) != NULL;
}

size_t ganrm_attention_scratch_bytes(int64_t tokens, int64_t head_width) {
    return attention_workspace_at(NULL, tokens, head_width).size;
}
