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

/// Adding it rounds |v| < 2²² to an integer, ties to even, and leaves that in the sum's lower bits.
static const float shifter = 12582912;  // 1.5 · 2²³

extern const ganrm_kernels ganrm_kernels_plain;
extern const ganrm_kernels ganrm_kernels_portable;

#if defined(__x86_64__)
extern const ganrm_kernels ganrm_kernels_avx2;
extern const ganrm_kernels ganrm_kernels_avx512;
extern const ganrm_kernels ganrm_kernels_avx512_bf16;
#endif

/// Most keys that a block of queries meets at a time, a multiple of 32: their scores fit the first-level cache.
enum { GANRM_ATTENTION_SPAN = 512 };

/// Where attention keeps what it packs and what it is at; the same for every level.
typedef struct {
    int32_t *keys;     ///< Up to `[tokens, head width]` cells, rounded up to 32 and 16.
    int32_t *values;   ///< As many.
    int32_t *queries;  ///< `[12, head width]` cells.
    float *scores;     ///< `[12, stride]`
    float *gathered;   ///< `[12, columns]`
    float *key_scales;     ///< `[tokens]`, rounded up to 32, as the next one; of bytes: what 1 is worth.
    int32_t *key_offsets;  ///< Of bytes: what a query's zero adds to its product with each key.
    float *value_scales;   ///< `[columns]`; of bytes: what 1 is worth.
    float *value_means;    ///< `[columns]`
    float *query_scales;   ///< `[16]`; of bytes: what 1 is worth.
    uint8_t *low_bytes;    ///< `[span]`; of the first query's exponentials, or NULL if those have 8 bits.
    int64_t span;      ///< Keys at a time, a multiple of 32.
    int64_t stride;    ///< From row to row, an odd number of cache lines: rows share no cache set.
    int64_t columns;   ///< The head width, rounded up to 16.
    size_t size;       ///< Of all that, in bytes.
} attention_memory;

static inline attention_memory attention_memory_in(
    int32_t *scratch, int64_t tokens, int64_t head_width) {
    int64_t rows = (tokens + 31) / 32 * 32, columns = (head_width + 15) / 16 * 16;
    int64_t spans = (tokens + GANRM_ATTENTION_SPAN - 1) / GANRM_ATTENTION_SPAN;
    int64_t span = ((tokens + spans - 1) / spans + 31) / 32 * 32;
    attention_memory memory = {.span = span, .stride = (span / 16 | 1) * 16, .columns = columns};
    int64_t used = 0;
    int64_t sizes[] = {
        rows * columns, rows * columns, GANRM_ATTENTION_BLOCK * columns,
        GANRM_ATTENTION_BLOCK * memory.stride, GANRM_ATTENTION_BLOCK * columns,
        rows, rows, columns, columns, 16, span / 4,
    };
    int32_t *places[sizeof sizes / sizeof *sizes];
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        places[i] = scratch ? scratch + used : NULL;
        used += sizes[i];
    }
    memory.size = (size_t)used * sizeof *scratch;
    memory.keys = places[0];
    memory.values = places[1];
    memory.queries = places[2];
    memory.scores = (float *)places[3];
    memory.gathered = (float *)places[4];
    memory.key_scales = (float *)places[5];
    memory.key_offsets = places[6];
    memory.value_scales = (float *)places[7];
    memory.value_means = (float *)places[8];
    memory.query_scales = (float *)places[9];
    memory.low_bytes = (uint8_t *)places[10];
    return memory;
}
