/// Layout of attention's scratch memory, the same for every CPU level.
#pragma once

#include "CKernels.h"

#include <stddef.h>

/// Maximum number of keys in a block, a multiple of 64: a query block's scores for them fit the L1 cache.
enum { GANRM_KEY_BLOCK = 512 };
_Static_assert(GANRM_CAUSAL_TOKENS <= GANRM_KEY_BLOCK, "causal attention has one block of keys");

/// Maximum number of queries in a block.
enum { MAX_QUERIES = 16 };

/// Packed operands and intermediate results of one call.
typedef struct {
    int32_t *keys;     ///< Up to `[tokens, head width]` cells, rounded up to 32 and 16.
    int32_t *values;   ///< The same size.
    int32_t *queries;  ///< `[MAX_QUERIES, head width]` cells.
    float *scores;     ///< `[MAX_QUERIES, stride]`
    float *context;    ///< Softmax-weighted sums of values, `[MAX_QUERIES, columns]`
    float *key_scales;     ///< int8: dequantization scale per key, `[tokens]` rounded up to 32.
    int32_t *key_offsets;  ///< int8: −128 · Σ key per key, for the queries' zero point, `[tokens]` rounded up to 32.
    float *key_means;      ///< int8: mean per key column, `[columns]`
    int32_t *key_pairs;    ///< int8: one vector of keys as pairs of bf16, a key per lane, `[columns / 2, 16]` cells.
    float *value_scales;   ///< int8: dequantization scale per value column, `[columns]`
    float *value_means;    ///< int8: mean per value column, `[columns]`
    float *query_scales;   ///< int8: dequantization scale per query, `[16]`
    uint8_t *low_bytes;    ///< `[key_block]`: low bytes of the first query's 16-bit softmax; NULL if it has 8 bits.
    int64_t key_block;  ///< Keys per block, a multiple of 64.
    int64_t stride;     ///< Row stride of scores: an odd number of cache lines, so that rows do not share cache sets.
    int64_t columns;    ///< Head width, rounded up to 16.
    size_t size;        ///< Total size in bytes.
} attention_workspace;

/// Hands out consecutive pieces of a block of memory; each begins at a cache line.
typedef struct {
    char *base;   ///< Aligned to 64 bytes; NULL if only the size is of interest.
    size_t used;  ///< Bytes handed out so far.
} bump_allocator;

static inline void *bump_allocate(bump_allocator *allocator, int64_t count, size_t element_size) {
    void *piece = allocator->base ? allocator->base + allocator->used : NULL;
    allocator->used += ((size_t)count * element_size + 63) / 64 * 64;
    return piece;
}

/// Lays the workspace out in `scratch`; NULL computes its size only.
static inline attention_workspace attention_workspace_at(
    void *scratch, int64_t tokens, int64_t head_width) {
    int64_t rows = (tokens + 31) / 32 * 32, columns = (head_width + 15) / 16 * 16;
    int64_t blocks = (tokens + GANRM_KEY_BLOCK - 1) / GANRM_KEY_BLOCK;
    int64_t key_block = ((tokens + blocks - 1) / blocks + 63) / 64 * 64;
    int64_t stride = (key_block / 16 | 1) * 16;
    attention_workspace w = {.key_block = key_block, .stride = stride, .columns = columns};
    bump_allocator allocator = {scratch, 0};
    w.keys = bump_allocate(&allocator, rows * columns, sizeof *w.keys);
    w.values = bump_allocate(&allocator, rows * columns, sizeof *w.values);
    w.queries = bump_allocate(&allocator, MAX_QUERIES * columns, sizeof *w.queries);
    w.scores = bump_allocate(&allocator, MAX_QUERIES * stride, sizeof *w.scores);
    w.context = bump_allocate(&allocator, MAX_QUERIES * columns, sizeof *w.context);
    w.key_scales = bump_allocate(&allocator, rows, sizeof *w.key_scales);
    w.key_offsets = bump_allocate(&allocator, rows, sizeof *w.key_offsets);
    w.key_means = bump_allocate(&allocator, columns, sizeof *w.key_means);
    w.key_pairs = bump_allocate(&allocator, 16 * columns / 2, sizeof *w.key_pairs);
    w.value_scales = bump_allocate(&allocator, columns, sizeof *w.value_scales);
    w.value_means = bump_allocate(&allocator, columns, sizeof *w.value_means);
    w.query_scales = bump_allocate(&allocator, 16, sizeof *w.query_scales);
    w.low_bytes = bump_allocate(&allocator, key_block, sizeof *w.low_bytes);
    w.size = allocator.used;
    return w;
}
