/// The kernel tables of all CPU levels, and helpers that the levels share.
#pragma once

#include "CKernels.h"

#include <stddef.h>
#include <string.h>

/// Rounds f32 to bf16, to nearest, ties to even; NaN stays NaN.
static inline uint16_t ganrm_bf16_from_f32(float x) {
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    if (x != x) return (uint16_t)(bits >> 16 | 0x40);
    return (uint16_t)((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

static inline float ganrm_f32_from_bf16(uint16_t x) {
    uint32_t bits = (uint32_t)x << 16;
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/// Adding this to v, |v| < 2²², rounds v to an integer, ties to even, and leaves the integer in the sum's low bits.
static const float rounding_magic = 12582912;  // 1.5 · 2²³

extern const ganrm_kernels ganrm_kernels_reference;
extern const ganrm_kernels ganrm_kernels_portable;

#if defined(__aarch64__)
extern const ganrm_kernels ganrm_kernels_neon_bf16;
#endif

#if defined(__x86_64__)
extern const ganrm_kernels ganrm_kernels_avx2;
extern const ganrm_kernels ganrm_kernels_avx_vnni;
extern const ganrm_kernels ganrm_kernels_avx512;
extern const ganrm_kernels ganrm_kernels_avx512_vnni;
extern const ganrm_kernels ganrm_kernels_avx512_bf16;
extern const ganrm_kernels ganrm_kernels_amx;
/// For tests: `scripts/link` leaves it out of all that is installed.
extern const ganrm_kernels ganrm_kernels_amx_emulated __attribute__((weak));
#endif

/// Whether the system lets this process use AMX and the kernels with AMX compute what they should, which is checked
/// once. The CPU must have AMX.
bool ganrm_amx_is_usable(void);
