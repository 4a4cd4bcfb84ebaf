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

/// Adding this to v, |v| < 2²², rounds v to an integer, ties to even, and leaves the integer in the sum's low bits.
static const float rounding_magic = 12582912;  // 1.5 · 2²³

extern const ganrm_kernels ganrm_kernels_reference;
extern const ganrm_kernels ganrm_kernels_portable;

#if defined(__x86_64__)
extern const ganrm_kernels ganrm_kernels_avx2;
extern const ganrm_kernels ganrm_kernels_avx_vnni;
extern const ganrm_kernels ganrm_kernels_avx512;
extern const ganrm_kernels ganrm_kernels_avx512_vnni;
extern const ganrm_kernels ganrm_kernels_avx512_bf16;
#endif
