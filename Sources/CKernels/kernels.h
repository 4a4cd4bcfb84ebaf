/// The levels, each defined in its own file.
#pragma once

#include "CKernels.h"

#include <stddef.h>
#include <string.h>

/// Rounded to nearest, ties to even; NaN stays NaN.
static inline uint16_t ganrm_bf16(float x) {
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    if (x != x) return (uint16_t)(bits >> 16 | 0x40);
    return (uint16_t)((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

extern const ganrm_kernels ganrm_kernels_plain;
extern const ganrm_kernels ganrm_kernels_portable;

#if defined(__x86_64__)
extern const ganrm_kernels ganrm_kernels_avx2;
extern const ganrm_kernels ganrm_kernels_avx512;
extern const ganrm_kernels ganrm_kernels_avx512_bf16;
#endif

/// Where attention keeps what it packs and its scores; the same for every level.
typedef struct {
    int32_t *keys;     ///< Up to `[tokens, head width]` cells, rounded up to 32 and 16.
    int32_t *values;   ///< As many.
    int32_t *queries;  ///< `[12, head width]` cells.
    float *scores;     ///< `[12, stride]`.
    float *key_scales;     ///< `[tokens]`, rounded up to 32, as the next one; of bytes: what 1 is worth.
    int32_t *key_offsets;  ///< Of bytes: what a query's zero adds to its product with each key.
    float *key_means;      ///< `[head width]`
    int64_t stride;    ///< From row to row, an odd number of cache lines: rows share no cache set.
    size_t size;       ///< Of all that, in bytes.
} attention_memory;

static inline attention_memory attention_memory_in(
    int32_t *scratch, int64_t tokens, int64_t head_width) {
    int64_t rows = (tokens + 31) / 32 * 32, columns = (head_width + 15) / 16 * 16;
    int64_t values = rows * columns, queries = 2 * values;
    int64_t scores = queries + GANRM_ATTENTION_BLOCK * columns, stride = (rows / 16 | 1) * 16;
    int64_t scales = scores + GANRM_ATTENTION_BLOCK * stride;
    attention_memory memory = {
        .stride = stride,
        .size = (size_t)(scales + 2 * rows + columns) * sizeof *scratch,
    };
    if (!scratch) return memory;
    memory.keys = scratch;
    memory.values = scratch + values;
    memory.queries = scratch + queries;
    memory.scores = (float *)(scratch + scores);
    memory.key_scales = (float *)(scratch + scales);
    memory.key_offsets = scratch + scales + rows;
    memory.key_means = (float *)(scratch + scales + 2 * rows);
    return memory;
}
