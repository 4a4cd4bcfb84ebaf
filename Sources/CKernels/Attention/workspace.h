/// Layout of attention's scratch memory, the same for every CPU level.
#pragma once

#include "CKernels.h"

#include <stddef.h>

/// Maximum number of keys in a block, a multiple of 32: a query block's scores for them fit the L1 cache.
enum { GANRM_KEY_BLOCK = 512 };

/// Packed operands and intermediate results of one call.
typedef struct {
    int32_t *keys;     ///< Up to `[tokens, head width]` cells, rounded up to 32 and 16.
    int32_t *values;   ///< The same size.
    int32_t *queries;  ///< `[GANRM_QUERY_BLOCK, head width]` cells.
    float *scores;     ///< `[GANRM_QUERY_BLOCK, stride]`
    float *context;    ///< Softmax-weighted sums of values, `[GANRM_QUERY_BLOCK, columns]`
    float *key_scales;     ///< int8: dequantization scale per key, `[tokens]` rounded up to 32.
    int32_t *key_offsets;  ///< int8: −128 · Σ key per key, `[tokens]` rounded up to 32: corrects for the queries' zero point.
    float *value_scales;   ///< int8: dequantization scale per value column, `[columns]`
    float *value_means;    ///< int8: mean per value column, `[columns]`
    float *query_scales;   ///< int8: dequantization scale per query, `[16]`
    uint8_t *low_bytes;    ///< `[key_block]`: low bytes of the first query's 16-bit softmax; NULL if it has 8 bits.
    int64_t key_block;  ///< Keys per block, a multiple of 32.
    int64_t stride;     ///< Row stride of scores: an odd number of cache lines, so that rows do not share cache sets.
    int64_t columns;    ///< Head width, rounded up to 16.
    size_t size;        ///< Total size in bytes.
} attention_workspace;

/// Lays the workspace out in `scratch`; NULL computes its size only.
static inline attention_workspace attention_workspace_at(
    int32_t *scratch, int64_t tokens, int64_t head_width) {
    int64_t rows = (tokens + 31) / 32 * 32, columns = (head_width + 15) / 16 * 16;
    int64_t blocks = (tokens + GANRM_KEY_BLOCK - 1) / GANRM_KEY_BLOCK;
    int64_t key_block = ((tokens + blocks - 1) / blocks + 31) / 32 * 32;
    attention_workspace workspace = {
        .key_block = key_block, .stride = (key_block / 16 | 1) * 16, .columns = columns};
    int64_t used = 0;
    int64_t sizes[] = {
        rows * columns, rows * columns, GANRM_QUERY_BLOCK * columns,
        GANRM_QUERY_BLOCK * workspace.stride, GANRM_QUERY_BLOCK * columns,
        rows, rows, columns, columns, 16, key_block / 4,
    };
    int32_t *starts[sizeof sizes / sizeof *sizes];
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        starts[i] = scratch ? scratch + used : NULL;
        used += sizes[i];
    }
    workspace.size = (size_t)used * sizeof *scratch;
    workspace.keys = starts[0];
    workspace.values = starts[1];
    workspace.queries = starts[2];
    workspace.scores = (float *)starts[3];
    workspace.context = (float *)starts[4];
    workspace.key_scales = (float *)starts[5];
    workspace.key_offsets = starts[6];
    workspace.value_scales = (float *)starts[7];
    workspace.value_means = (float *)starts[8];
    workspace.query_scales = (float *)starts[9];
    workspace.low_bytes = (uint8_t *)starts[10];
    return workspace;
}
