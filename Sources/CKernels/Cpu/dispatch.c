#include "Attention/workspace.h"
#include "Cpu/levels.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#if defined(__x86_64__)

static bool has_avx2(void) {
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}

static bool has_avx512(void) {
    return has_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw")
        && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
}

static bool has_avx512_vnni(void) { return has_avx512() && __builtin_cpu_supports("avx512vnni"); }

static bool has_amx(void) {
    return has_avx512_vnni() && __builtin_cpu_supports("avx512bf16")
        && __builtin_cpu_supports("amx-tile") && __builtin_cpu_supports("amx-int8")
        && __builtin_cpu_supports("amx-bf16") && ganrm_amx_is_usable();
}

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
    case GANRM_KERNELS_AMX: return has_amx() ? &ganrm_kernels_amx : NULL;
    case GANRM_KERNELS_AMX_EMULATED:
        return has_avx512_vnni() ? &ganrm_kernels_amx_emulated : NULL;
    default: return NULL;
    }
}

#else

#if defined(__aarch64__) && defined(__linux__)
#include <asm/hwcap.h>
#include <sys/auxv.h>

static bool has_neon_bf16(void) {
    return (getauxval(AT_HWCAP2) & (HWCAP2_BF16 | HWCAP2_I8MM)) == (HWCAP2_BF16 | HWCAP2_I8MM);
}
#endif

const ganrm_kernels *ganrm_kernels_at(ganrm_kernel_level level) {
    switch (level) {
    case GANRM_KERNELS_REFERENCE: return &ganrm_kernels_reference;
    case GANRM_KERNELS_PORTABLE: return &ganrm_kernels_portable;
#if defined(__aarch64__) && defined(__linux__)
    case GANRM_KERNELS_NEON_BF16: return has_neon_bf16() ? &ganrm_kernels_neon_bf16 : NULL;
#endif
    default: return NULL;
    }
}

#endif

const char *ganrm_kernel_level_name(ganrm_kernel_level level) {
    switch (level) {
    case GANRM_KERNELS_REFERENCE: return "reference";
    case GANRM_KERNELS_PORTABLE: return "portable";
    case GANRM_KERNELS_AVX2: return "avx2";
    case GANRM_KERNELS_AVX_VNNI: return "avx_vnni";
    case GANRM_KERNELS_AVX512: return "avx512";
    case GANRM_KERNELS_AVX512_VNNI: return "avx512_vnni";
    case GANRM_KERNELS_AVX512_BF16: return "avx512_bf16";
    case GANRM_KERNELS_NEON_BF16: return "neon_bf16";
    case GANRM_KERNELS_AMX: return "amx";
    case GANRM_KERNELS_AMX_EMULATED: break;
    }
    return "";
}

bool ganrm_bf16_is_fast(ganrm_kernel_level level) {
    const ganrm_kernels *kernels = ganrm_kernels_at(level);
    if (!kernels || !kernels->multiplies_bf16) return false;
#if defined(__x86_64__)
    // Intel's processors start a VDPBF16PS every other cycle, half the products of their two FMA per cycle; AMD's start
    // as many as FMA.
    if (level == GANRM_KERNELS_AVX512_BF16 && __builtin_cpu_is("intel")) return false;
#endif
    return true;
}

ganrm_kernel_level ganrm_kernel_level_best(void) {
    for (int level = GANRM_KERNEL_LEVELS - 1; level > GANRM_KERNELS_PORTABLE; level--) {
        const ganrm_kernels *kernels = ganrm_kernels_at((ganrm_kernel_level)level);
        // If its products of bf16 are slow, such a level is otherwise the same as the one below.
        if (kernels && kernels->multiplies_bf16 && !ganrm_bf16_is_fast((ganrm_kernel_level)level)) continue;
        if (kernels) return (ganrm_kernel_level)level;
    }
    return GANRM_KERNELS_PORTABLE;
}

/// The level in use; −1 before the first question.
static _Atomic(int) level_in_use = -1;

static ganrm_kernel_level level_from_environment(void) {
    const char *name = getenv("GANRM_CPU_LEVEL");
    for (int level = GANRM_KERNELS_PORTABLE; name && level < GANRM_KERNEL_LEVELS; level++)
        if (strcmp(name, ganrm_kernel_level_name((ganrm_kernel_level)level)) == 0
            && ganrm_kernels_at((ganrm_kernel_level)level))
            return (ganrm_kernel_level)level;
    return ganrm_kernel_level_best();
}

ganrm_kernel_level ganrm_kernel_level_in_use(void) {
    int level = level_in_use, none = -1;
    if (level >= 0) return (ganrm_kernel_level)level;
    level = (int)level_from_environment();
    return atomic_compare_exchange_strong(&level_in_use, &none, level) ? (ganrm_kernel_level)level
                                                                       : (ganrm_kernel_level)none;
}

void ganrm_kernel_level_use(ganrm_kernel_level level) { level_in_use = (int)level; }

const ganrm_kernels *ganrm_kernels_in_use(void) {
    return ganrm_kernels_at(ganrm_kernel_level_in_use());
}

size_t ganrm_attention_scratch_bytes(int64_t tokens, int64_t head_width) {
    return attention_workspace_at(NULL, tokens, head_width).size;
}
