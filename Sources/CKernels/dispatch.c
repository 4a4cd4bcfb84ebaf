#include "kernels.h"

#include <stddef.h>

#if defined(__x86_64__)

bool ganrm_cpu_has_avx512(void) {
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw")
        && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
}

bool ganrm_cpu_has_bf16(void) {
    return ganrm_cpu_has_avx512()
        && (__builtin_cpu_supports("avx512bf16") || __builtin_cpu_supports("amx-bf16"));
}

const ganrm_kernels *ganrm_kernels_at(ganrm_kernel_level level) {
    switch (level) {
    case GANRM_KERNELS_PLAIN: return &ganrm_kernels_plain;
    case GANRM_KERNELS_AVX2:
        return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")
            ? &ganrm_kernels_avx2
            : NULL;
    case GANRM_KERNELS_AVX512: return ganrm_cpu_has_avx512() ? &ganrm_kernels_avx512 : NULL;
    }
    return NULL;
}

#else

bool ganrm_cpu_has_avx512(void) { return false; }

bool ganrm_cpu_has_bf16(void) { return false; }

const ganrm_kernels *ganrm_kernels_at(ganrm_kernel_level level) {
    return level == GANRM_KERNELS_PLAIN ? &ganrm_kernels_plain : NULL;
}

#endif

const ganrm_kernels *ganrm_kernels_best(void) {
    const ganrm_kernels *kernels = ganrm_kernels_at(GANRM_KERNELS_AVX512);
    if (!kernels) kernels = ganrm_kernels_at(GANRM_KERNELS_AVX2);
    return kernels ? kernels : &ganrm_kernels_plain;
}
