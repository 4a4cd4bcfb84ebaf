/// Attention of vision transformers.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Queries that attention computes together, 16 with AMX; a task of a multiple has no padding.
enum { GANRM_QUERY_BLOCK = 12 };

/// The most tokens of causal attention: those that every level computes as one block of keys.
enum { GANRM_CAUSAL_TOKENS = 512 };

/// One head's attention, `softmax(scale · QKᵀ) V`.
typedef struct ganrm_attention_shape {
    /// Number of keys and of values, at least 1.
    int64_t tokens;
    /// Elements per query, key and value, at least 1.
    int64_t head_width;
    /// Stride from one token's query, key or value to the next token's, in elements: all three may lie in one matrix.
    int64_t stride;
    /// Row stride of the result, in elements.
    int64_t out_stride;
    float scale;
    /// int8: whether the first query, the CLS token's, has its softmax quantized to 16 bits rather than 8.
    bool cls_softmax_16bit;
    /// Causal attention: a query sees the tokens up to its own, and the queries begin with the first token. There are
    /// at most GANRM_CAUSAL_TOKENS tokens.
    bool is_causal;
} ganrm_attention_shape;

/// Attention of `query_count` queries to all tokens of a clip. A query's result does not depend on the other queries.
///
/// `scratch`: at least `ganrm_attention_scratch_bytes`, aligned to 64 bytes, uninitialized.
typedef void ganrm_attention_kernel(
    const ganrm_attention_shape *shape, const void *queries, int64_t query_count, const void *keys,
    const void *values, void *out, void *scratch);

/// Size of attention's scratch memory in bytes.
size_t ganrm_attention_scratch_bytes(int64_t tokens, int64_t head_width);

#ifdef __cplusplus
}
#endif
